#include "http_sender.h"

#include <httplib.h>

#include <string>

namespace seraphim::demo {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// A word for a request that got no answer. httplib has one code for a read that timed out and one that was
/// reset.
std::string failure_without_answer(httplib::Error error, bool timed_out) {
  switch (error) {
    case httplib::Error::Connection:
      return timed_out ? "connect_timeout" : "connect";
    case httplib::Error::ConnectionTimeout:
      return "connect_timeout";
    case httplib::Error::Read:
      return timed_out ? "timeout" : "reset";
    case httplib::Error::Write:
      return "write";
    default:
      return "other";
  }
}

httplib::Headers headers_of(const LoadOptions& options) {
  httplib::Headers headers;
  if (!options.host_header.empty()) headers.emplace("Host", options.host_header);
  for (const auto& line : options.headers) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto value = line.find_first_not_of(' ', colon + 1);
    headers.emplace(line.substr(0, colon), value == std::string::npos ? "" : line.substr(value));
  }
  return headers;
}

}  // namespace

EpochMs epoch_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

HttpSender::HttpSender(const LoadOptions& options, Tally& tally)
    : options_(options),
      tally_(tally),
      client_(std::make_unique<httplib::Client>(options.target.host, options.target.port)) {
  client_->set_keep_alive(!options.no_keep_alive);
  client_->set_tcp_nodelay(true);  // httplib writes head and body apart
  client_->set_connection_timeout(options.timeout);
  client_->set_read_timeout(options.timeout);
  client_->set_write_timeout(options.timeout);
  client_->set_default_headers(headers_of(options));
}

HttpSender::~HttpSender() = default;

httplib::Result HttpSender::exchange() {
  const auto& path = options_.target.path;
  if (options_.body.empty()) return client_->Get(path);
  return client_->Post(path, options_.body, "application/json");
}

void HttpSender::send(const Ticket& ticket) {
  const auto window = tally_.sent();
  const auto begun = steady_clock::now();
  if (begun - last_used_ > options_.max_idle) client_->stop();
  const auto answer = exchange();
  last_used_ = steady_clock::now();

  Result result{.version = kNoVersion, .failure = {}, .latency = {}, .at = epoch_now()};
  result.latency = duration_cast<microseconds>(last_used_ - ticket.due);
  if (!answer) {
    result.failure = failure_without_answer(answer.error(), last_used_ - begun >= options_.timeout);
  } else {
    if (answer->has_header("X-Model-Version")) result.version = answer->get_header_value("X-Model-Version");
    if (answer->status < 200 || answer->status > 299)
      result.failure = "http_" + std::to_string(answer->status);
  }
  tally_.done(window, result);
}

}  // namespace seraphim::demo
