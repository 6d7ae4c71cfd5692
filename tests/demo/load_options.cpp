#include "load_options.h"

#include <CLI/CLI.hpp>

namespace seraphim::demo {
namespace {

template <class T>
void add_parsed(CLI::App& app, const std::string& flag, T& target,
                std::optional<T> (*parse)(std::string_view), const char* help) {
  const auto set = [&target, parse, flag](const std::string& text) {
    const auto value = parse(text);
    if (!value) throw CLI::ValidationError(flag, "cannot read '" + text + "'");
    target = *value;
  };
  app.add_option_function<std::string>(flag, set, help);
}

}  // namespace

void declare(CLI::App& app, LoadOptions& options) {
  add_parsed(app, "--url", options.target, parse_url,
             "http://host[:port]/path (http://127.0.0.1:8080/predict)");
  app.add_option("--rate", options.rate, "Requests per second (50)")->check(CLI::Range(0.01, 100000.0));
  add_parsed(app, "--duration", options.duration, parse_duration, "How long, such as 90s (0: until SIGTERM)");
  app.add_option("--host", options.host_header, "Host header, when it is not that of the URL");
  app.add_option("--body", options.body, "Body to POST as JSON; empty: GET");
  app.add_option("--header", options.headers, "A further header, 'Name: value'; may be repeated");
  app.add_option("--workers", options.workers, "Most requests in flight at once (256)")
      ->check(CLI::Range(1, 4096));
  app.add_flag("--no-keep-alive", options.no_keep_alive, "A new connection for each request");
  add_parsed(app, "--timeout", options.timeout, parse_duration, "To connect, and again to read (5s)");
  add_parsed(app, "--max-idle", options.max_idle, parse_duration,
             "Reconnect instead of using a connection that was idle for longer (1s)");
  add_parsed(app, "--max-lag", options.max_lag, parse_duration,
             "A request later than this is missed (100ms)");
  app.add_option("--status-port", options.status_port, "Serve GET /status and POST /mark on this port");
  app.add_option("--status-address", options.status_address, "Address of the status port (0.0.0.0)");
}

}  // namespace seraphim::demo
