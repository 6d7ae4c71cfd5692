// A small HTTP server for machines that ask how the operator fares: /metrics, /livez, /readyz. It answers
// GET and nothing else, one request a connection, reads a head of a few kilobytes and no body, and gives each
// connection a few seconds.
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "operator/connection.h"

namespace seraphim::op {

struct HttpQuestion {
  std::string path{};    ///< "/livez/watches"
  bool verbose = false;  ///< ?verbose
};

struct HttpAnswer {
  int status = 200;
  std::string body{};
  std::string type = "text/plain; charset=utf-8";
};

/// PEM files. They are read anew for each connection, so that a rotated certificate needs no restart.
struct TlsFiles {
  std::filesystem::path certificate{}, key{};
};

class HttpServer {
 public:
  /// By path; a page also gets what lies below its path. Called from several threads.
  using Pages = std::map<std::string, std::function<HttpAnswer(const HttpQuestion&)>>;

  /// A connection is given up after `patience`, so that silent peers do not keep the others waiting.
  explicit HttpServer(Pages pages, std::optional<TlsFiles> tls = std::nullopt,
                      std::chrono::milliseconds patience = std::chrono::seconds(3));
  /// As stop().
  ~HttpServer();

  /// `address` is host:port, [IPv6]:port or :port (all addresses); port 0 takes any that is free. Returns the
  /// port, or why not, in a sentence.
  tl::expected<int, std::string> start(const std::string& address);
  /// No page is being asked any more, and none will be.
  void stop();

 private:
  using TlsContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

  bool set_up_tls();
  void run() const;
  void serve(Descriptor socket) const;
  HttpAnswer answer(const std::string& head, bool& with_body) const;

  const Pages pages_;
  const std::optional<TlsFiles> tls_;
  const std::chrono::milliseconds patience_;
  TlsContext context_;
  Descriptor listening_, stop_;  ///< the second is readable once it is to end
  std::vector<std::jthread> threads_;
};

}  // namespace seraphim::op
