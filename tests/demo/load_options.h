// What the load generator is asked to do.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "parse.h"

namespace CLI {
class App;
}

namespace seraphim::demo {

struct LoadOptions {
  Target target{.host = "127.0.0.1", .port = 8080, .path = "/predict"};
  double rate = 50;                                 ///< requests per second, whatever the answers do
  std::chrono::microseconds duration{0};            ///< 0: until SIGTERM
  std::string host_header;                          ///< empty: as in the URL
  std::string body = R"({"text": "hello world"})";  ///< empty: GET
  std::vector<std::string> headers;                 ///< "Name: value"
  std::size_t workers = 256;
  bool no_keep_alive = false;
  std::chrono::microseconds timeout{std::chrono::seconds{5}};
  std::chrono::microseconds max_idle{
      std::chrono::seconds{1}};  ///< a connection idle for longer is not used again
  std::chrono::microseconds max_lag{
      std::chrono::milliseconds{100}};  ///< a request later than this is missed, not sent
  std::optional<int> status_port;
  std::string status_address = "0.0.0.0";
};

/// Declares the flags that fill `options`.
void declare(CLI::App& app, LoadOptions& options);

}  // namespace seraphim::demo
