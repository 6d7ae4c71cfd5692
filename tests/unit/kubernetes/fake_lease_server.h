// An API server in memory, for Leases and Events: create, get, replace and merge-patch with its resource
// versions, and with those of its refusals that matter for them.
//
//   FakeLeaseServer server;
//   ApiClient client(server);
//   server.set_fault([](const Request& request) { return Fault{.after = TransportError::timeout}; });  //
//   answers get lost
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kubernetes/transport.h"

namespace seraphim::kubernetes::testing {

/// What goes wrong with one call: before the server sees it, instead of its answer, or on the way back.
struct Fault {
  TransportError before = TransportError::none;
  std::optional<Response> instead{};
  TransportError after = TransportError::none;
};

/// Thread-safe.
class FakeLeaseServer final : public Transport {
 public:
  using Faults = std::function<Fault(const Request&)>;

  void set_fault(Faults faults);
  /// Asked right before the server acts, without a lock held: another client may come first.
  void set_interloper(std::function<void(const Request&)> interloper);

  /// Null when there is none. Paths without a query.
  nlohmann::json object(const std::string& path) const;
  std::vector<std::string> paths() const;
  /// As somebody with kubectl would.
  void put(const std::string& path, nlohmann::json object);
  void erase(const std::string& path);
  /// "GET", "POST", ... in order, those that never arrived included.
  std::vector<std::string> methods() const;
  std::size_t count(const std::string& method) const;
  std::size_t calls() const { return methods().size(); }

  Response call(const Request& request, std::chrono::milliseconds timeout,
                std::stop_token stop) noexcept override;
  /// There are no watches here.
  CallStatus stream(const Request& request, std::chrono::seconds idle, std::stop_token stop,
                    LineSink& sink) noexcept override;

 private:
  Response act(const Request& request);
  Response create(const std::string& path, nlohmann::json object);
  Response update(const std::string& path, nlohmann::json next);
  Response store(const std::string& path, nlohmann::json object, int http);

  mutable std::mutex mutex_;
  Faults faults_;
  std::function<void(const Request&)> interloper_;
  std::map<std::string, nlohmann::json> objects_;
  std::vector<std::string> methods_;
  std::uint64_t version_ = 1000;
};

}  // namespace seraphim::kubernetes::testing
