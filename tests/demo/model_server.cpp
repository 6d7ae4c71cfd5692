// demo-model-server: a model server for tests that exposes the platform's request metrics and fails when told
// to.
#include <httplib.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "http_support.h"
#include "model_service.h"
#include "parse.h"
#include "stop_signal.h"

namespace seraphim::demo {
namespace {

using namespace std::chrono_literals;

struct Options {
  ServerSettings server{.seed = std::random_device{}()};
  std::string address = "0.0.0.0";
  int port = 8080;
  std::chrono::microseconds shutdown_delay =
      5s;  ///< as long as routers may need to see that the endpoint is gone
};

/// An option whose text goes through `parse`, settable by flag and by environment.
template <class T>
void add_parsed(CLI::App& app, const std::string& flag, const char* variable, T& target,
                std::optional<T> (*parse)(std::string_view), const char* help) {
  const auto set = [&target, parse, flag](const std::string& text) {
    const auto value = parse(text);
    if (!value) throw CLI::ValidationError(flag, "cannot read '" + text + "'");
    target = *value;
  };
  app.add_option_function<std::string>(flag, set, help)->envname(variable);
}

void declare(CLI::App& app, Options& options) {
  auto& server = options.server;
  static const std::map<std::string, FailurePattern> kPatterns{{"random", FailurePattern::random},
                                                               {"even", FailurePattern::even}};
  app.add_option("--address", options.address, "Address to listen on")->envname("ADDRESS");
  app.add_option("--port", options.port, "Port to listen on")->envname("PORT")->check(CLI::Range(1, 65535));
  app.add_option("--variant", server.variant, "Value of the metric label 'variant'")->envname("VARIANT");
  app.add_option("--model-version", server.model_version, "What X-Model-Version says")
      ->envname("MODEL_VERSION");
  add_parsed(app, "--failure-rate", "FAILURE_RATE", server.failure_rate, parse_share,
             "Share of requests that fail: 0.2 or 20%");
  app.add_option("--failure-pattern", server.failure_pattern, "random, or even: every n-th request")
      ->envname("FAILURE_PATTERN")
      ->transform(CLI::CheckedTransformer(kPatterns, CLI::ignore_case));
  app.add_option("--seed", server.seed, "Seed of the random failures (default: a new one)")->envname("SEED");
  app.add_flag("--fallback", server.fallback, "Failing requests answer 200, as the platform's gateway does")
      ->envname("FALLBACK");
  add_parsed<std::optional<double>>(
      app, "--positive-share", "POSITIVE_SHARE", server.positive_share,
      [](std::string_view text) -> std::optional<std::optional<double>> {
        const auto share = parse_share(text);
        return share ? std::optional(share) : std::nullopt;
      },
      "Share of predictions that are positive: 0.2 or 20% (default: by the text's length)");
  add_parsed(app, "--latency", "LATENCY", server.latency, parse_duration,
             "Time taken by each prediction: 20ms");
  add_parsed(app, "--start-delay", "START_DELAY", server.start_delay, parse_duration, "Time until ready");
  app.add_flag("--never-ready", server.never_ready, "Stay unready")->envname("NEVER_READY");
  add_parsed(app, "--shutdown-delay", "SHUTDOWN_DELAY", options.shutdown_delay, parse_duration,
             "Time to go on serving after SIGTERM (default 5s)");
}

void send(const ModelService& service, const Answer& answer, httplib::Response& response) {
  response.status = answer.status;
  response.set_header("X-Model-Version", service.model_version());
  answer_json(response, answer.body);
}

void add_routes(httplib::Server& http, ModelService& service) {
  using httplib::Request;
  using httplib::Response;
  http.Post("/predict", [&](const Request& q, Response& r) { send(service, service.predict(q.body), r); });
  http.Get("/healthz", [&](const Request&, Response& r) { send(service, service.health(), r); });
  http.Get("/readyz", [&](const Request&, Response& r) { send(service, service.ready(), r); });
  http.Get("/control", [&](const Request&, Response& r) { send(service, service.control(), r); });
  http.Post("/control", [&](const Request& q, Response& r) { send(service, service.control(q.body), r); });
  http.Get("/metrics", [&](const Request&, Response& r) {
    r.set_content(service.metrics(), "text/plain; version=0.0.4; charset=utf-8");
  });
}

void configure(httplib::Server& http) {
  use_plain_sockets(http);
  http.new_task_queue = [] { return new ConnectionThreads; };
  keep_idle_connections(http);
}

int run(const Options& options) {
  ModelService service(options.server);
  AnswersUnderWay answers;
  httplib::Server http;
  configure(http);
  add_routes(http, service);
  count_answers(http, answers);
  if (!http.bind_to_port(options.address, options.port)) {
    std::cerr << "cannot listen on " << options.address << ':' << options.port << '\n';
    return EXIT_FAILURE;
  }
  std::cerr << "serving " << options.server.model_version << " as " << options.server.variant << " on "
            << options.address << ':' << options.port << '\n';
  const double seconds = std::chrono::duration<double>(options.shutdown_delay).count();
  serve_until_stopped(http, answers, {.delay = options.shutdown_delay, .told = [&] {
                                        service.start_draining();
                                        std::cerr << "draining: unready, serving on for " << seconds
                                                  << " s\n";
                                      }});
  std::cerr << "drained\n";
  std::quick_exit(
      EXIT_SUCCESS);  // threads of idle connections still look at `http`: leave without destroying it
}

}  // namespace
}  // namespace seraphim::demo

int main(int argc, char** argv) {
  seraphim::demo::hold_stop_signals();
  CLI::App app{"A model server for tests: serves, measures itself, and fails when told to."};
  seraphim::demo::Options options;
  seraphim::demo::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  return seraphim::demo::run(options);
}
