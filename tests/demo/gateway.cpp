// demo-gateway: the platform's gateway as tests need it. Same endpoints, environment, choice of a variant,
// answers and metrics; nothing else of it.
#include <httplib.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "gateway_service.h"
#include "http_support.h"
#include "parse.h"
#include "stop_signal.h"

namespace seraphim::demo {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// A new connection for each request, as the gateway does it.
class HttpBackend final : public GatewayBackend {
 public:
  BackendAnswer post(const std::string& url, const std::string& text, milliseconds timeout) override {
    return exchange(url, timeout, [&](httplib::Client& client, const std::string& path) {
      return client.Post(path.c_str(), text, "text/plain");
    });
  }
  BackendAnswer get(const std::string& url, milliseconds timeout) override {
    return exchange(url, timeout, [](httplib::Client& client, const std::string& path) {
      return client.Get(path.c_str());
    });
  }

 private:
  template <typename Send>
  static BackendAnswer exchange(const std::string& url, milliseconds timeout, Send send) {
    const auto target = parse_url(url);
    if (!target) return {};
    httplib::Client client(target->host, target->port);
    client.set_tcp_nodelay(true);
    client.set_connection_timeout(timeout);
    client.set_read_timeout(timeout);
    client.set_write_timeout(timeout);
    const auto begun = steady_clock::now();
    const auto answer = send(client, target->path);
    if (!answer) {
      // httplib has one code for a read that timed out and one that was reset.
      const bool late =
          answer.error() == httplib::Error::ConnectionTimeout || steady_clock::now() - begun >= timeout;
      return {.kind = late ? BackendAnswer::Kind::timed_out : BackendAnswer::Kind::failed};
    }
    return {BackendAnswer::Kind::answered, answer->status, answer->get_header_value("Content-Type"),
            answer->body};
  }
};

double draw() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

std::string new_correlation_id() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::string id = "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx";
  for (char& c : id) {
    if (c == 'x') c = "0123456789abcdef"[random() % 16];
  }
  return id;
}

void respond(const httplib::Request& request, const Answer& answer, httplib::Response& response) {
  response.status = answer.status;
  const std::string given = request.get_header_value("X-Correlation-Id");
  response.set_header("X-Correlation-Id", given.empty() ? new_correlation_id() : given);
  answer_json(response, answer.body);
}

void add_gateway_routes(httplib::Server& http, GatewayService& service) {
  using httplib::Request;
  using httplib::Response;
  http.Post("/predict", [&](const Request& q, Response& r) {
    respond(q,
            service.predict(q.body, {.forced = q.get_header_value(service.force_header().c_str()),
                                     .user = q.get_header_value(service.sticky_header().c_str())}),
            r);
  });
  http.Get("/healthz", [&](const Request& q, Response& r) { respond(q, service.health(), r); });
  http.Get("/readyz", [&](const Request& q, Response& r) { respond(q, service.ready(), r); });
  http.Get("/observability/config", [&](const Request& q, Response& r) { respond(q, service.config(), r); });
  http.Post("/observability/log-level", [&](const Request& q, Response& r) {
    const bool given = q.has_param("level");
    respond(q, service.set_log_level(given ? std::optional(q.get_param_value("level")) : std::nullopt), r);
  });
  http.Get("/metrics", [&](const Request&, Response& r) {
    r.set_content(service.metrics(), "text/plain; version=0.0.4; charset=utf-8");
  });
  http.set_error_handler([](const Request&, Response& r) {
    if (r.status == 404 && r.body.empty()) answer_json(r, R"({"detail":"Not Found"})");
  });
}

int run_gateway(const std::string& address, int port) {
  HttpBackend backend;
  GatewayService service(process_environment, backend, draw);
  AnswersUnderWay answers;
  httplib::Server http;
  use_plain_sockets(http);
  http.new_task_queue = [] { return new ConnectionThreads; };
  keep_idle_connections(http);
  add_gateway_routes(http, service);
  count_answers(http, answers);
  if (!http.bind_to_port(address, port)) {
    std::cerr << "cannot listen on " << address << ':' << port << '\n';
    return EXIT_FAILURE;
  }
  std::cerr << "serving on " << address << ':' << port << '\n';
  serve_until_stopped(http, answers, {});
  std::quick_exit(EXIT_SUCCESS);  // threads of idle connections still look at `http`
}

}  // namespace
}  // namespace seraphim::demo

int main(int argc, char** argv) {
  seraphim::demo::hold_stop_signals();
  CLI::App app{"The platform's gateway for tests. Everything but the port comes from its environment."};
  std::string address = "0.0.0.0";
  int port = 8080;
  app.add_option("--address", address, "Address to listen on");
  app.add_option("--port", port, "Port to listen on")->check(CLI::Range(1, 65535));
  CLI11_PARSE(app, argc, argv);
  return seraphim::demo::run_gateway(address, port);
}
