// A small HTTP server for machines that ask how the operator fares: /metrics, /livez, /readyz. It answers
// GET and nothing else, one request a connection, and reads no body.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

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

  explicit HttpServer(Pages pages, std::optional<TlsFiles> tls = std::nullopt);
  /// As stop().
  ~HttpServer();

  /// `address` is host:port, [IPv6]:port or :port (all addresses); port 0 takes any that is free. Returns the
  /// port, or why not, in a sentence.
  tl::expected<int, std::string> start(const std::string& address);
  /// No page is being asked any more, and none will be.
  void stop();

 private:
  struct Running;
  const Pages pages_;
  const std::optional<TlsFiles> tls_;
  std::unique_ptr<Running> running_;
};

}  // namespace seraphim::op
