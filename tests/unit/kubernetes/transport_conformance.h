// The behaviour every Transport must show (docs/runtime.md section 3). The suite is parameterised by the
// maker of the transport: a second implementation is one more INSTANTIATE_TEST_SUITE_P, see
// transport_conformance_cpprest.cpp.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "kubernetes/misbehaving_server.h"
#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

/// For messages of GoogleTest.
inline void PrintTo(TransportError error, std::ostream* out) {
  *out << to_string(error);
}

}  // namespace seraphim::kubernetes

namespace seraphim::kubernetes::testing {

struct TransportMaker {
  std::string name;
  std::function<std::unique_ptr<Transport>(Endpoint, std::shared_ptr<Credentials>, TransportLimits)> make;
};

inline void PrintTo(const TransportMaker& maker, std::ostream* out) {
  *out << maker.name;
}

class FixedCredentials final : public Credentials {
 public:
  explicit FixedCredentials(TlsMaterial material, std::string token = {})
      : material_(std::move(material)), token_(std::move(token)) {}

  std::string bearer_token() override { return token_; }
  TlsMaterial tls() override { return material_; }
  void on_unauthorized() override { ++unauthorized; }

  std::atomic<int> unauthorized = 0;

 private:
  const TlsMaterial material_;
  const std::string token_;
};

/// Keeps the lines; `stop_after` lines it says Flow::stop.
class CollectingSink final : public LineSink {
 public:
  explicit CollectingSink(std::size_t stop_after = SIZE_MAX) : stop_after_(stop_after) {}

  Flow on_line(std::string_view line) override {
    lines.emplace_back(line);
    return lines.size() >= stop_after_ ? Flow::stop : Flow::more;
  }

  std::vector<std::string> lines;

 private:
  const std::size_t stop_after_;
};

/// One authority for the whole process: making keys is the slow part.
inline const TestAuthority& authority() {
  static const TestAuthority instance("test-ca");
  return instance;
}

inline const CertificateAndKey& local_identity() {
  static const CertificateAndKey instance =
      authority().issue("server", {"IP:127.0.0.1", "IP:::1", "DNS:localhost", "DNS:kubernetes.default.svc"});
  return instance;
}

class TransportConformance : public ::testing::TestWithParam<TransportMaker> {
 protected:
  static constexpr std::chrono::milliseconds kPatience{20'000};  // for what must succeed; sanitizers are slow
  static constexpr std::chrono::seconds kIdle{20};

  MisbehavingServer& serve(Script script, ServerOptions options = {.identity = local_identity()}) {
    server_ = std::make_unique<MisbehavingServer>(std::move(options), std::move(script));
    return *server_;
  }
  /// A server whose only act after each request is this.
  MisbehavingServer& serve_each(std::function<void(Connection&, const SeenRequest&)> act) {
    return serve([act = std::move(act)](Connection& connection) {
      while (const auto request = connection.read_request()) act(connection, *request);
    });
  }

  std::unique_ptr<Transport> connect(TlsMaterial material = {.ca_pem = authority().certificate_pem()},
                                     std::string token = "secret-token", TransportLimits limits = {}) {
    credentials_ = std::make_shared<FixedCredentials>(std::move(material), std::move(token));
    return GetParam().make({server_->url()}, credentials_, limits);
  }

  static Request get(std::string target = "/api") { return {.method = "GET", .target = std::move(target)}; }
  static Request post(std::string body = "{}") {
    return {.method = "POST", .target = "/api", .content_type = "application/json", .body = std::move(body)};
  }

  std::unique_ptr<MisbehavingServer> server_;
  std::shared_ptr<FixedCredentials> credentials_;
};

}  // namespace seraphim::kubernetes::testing
