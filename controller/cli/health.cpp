#include "cli/health.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/health_checks.h"
#include "cli/output.h"

namespace seraphim::cli {
namespace {

constexpr std::chrono::seconds kLongestAnswer{10};
constexpr const char* kUsualTitle = "Docker Services";

constexpr const char* kHealthFooter =
    R"(Every check runs, whatever the others found; only an HTTP status of 200 counts. The prediction is proved by the
gateway's own counter, since the gateway answers 200 with a made-up prediction when its model server is dead.
The URLs may stand in the environment instead: SERAPHIM_GATEWAY_URL and so on.

Exit codes: 0 all is well; 1 a check failed; 2 wrong options

Example:    kubectl-seraphim health -n seraphim --gateway-url http://localhost:8000 --model custom-text/2.0)";

struct HealthOptions {
  ClusterChoice cluster{};
  PlatformUrls urls{};
  std::vector<std::string> models{};
  std::string title = kUsualTitle;
  bool workloads = true, json = false;
};

std::vector<ExpectedModel> expected_models(const std::vector<std::string>& words) {
  std::vector<ExpectedModel> models;
  for (const auto& word : words) {
    const auto slash = word.find('/');
    models.push_back({word.substr(0, slash), slash == std::string::npos ? "" : word.substr(slash + 1)});
  }
  return models;
}

Verdict check_namespace(const HealthOptions& options, const Surroundings& surroundings) {
  const auto cluster = connect(options.cluster, true, surroundings);
  if (!cluster) return {.good = false, .detail = cluster.error() + "; or leave it out with --no-workloads"};
  return check_workloads(*cluster);
}

std::vector<HealthCheck> checks_of(const HealthOptions& options, const Ask& ask,
                                   const Surroundings& surroundings) {
  const PlatformUrls& urls = options.urls;
  std::vector<HealthCheck> checks;
  if (options.workloads) {
    checks.push_back({options.title,
                      options.title == kUsualTitle ? "All Docker services running" : "All workloads running",
                      [&options, &surroundings] { return check_namespace(options, surroundings); }});
  }
  const std::string endpoints = "Service Endpoints", metrics = "Metrics Collection";
  checks.push_back({endpoints, "Gateway Health", [&] { return check_gateway(ask, urls.gateway); }});
  // The blanks are the original's; whoever compares texts finds the same.
  checks.push_back(
      {endpoints, "TorchServe Inference  ", [&] { return check_inference(ask, urls.inference); }});
  checks.push_back({endpoints, "TorchServe Management",
                    [&] { return check_management(ask, urls.management, expected_models(options.models)); }});
  checks.push_back({endpoints, "Prometheus", [&] { return check_prometheus(ask, urls.prometheus); }});
  checks.push_back({endpoints, "Grafana", [&] { return check_grafana(ask, urls.grafana); }});
  checks.push_back({metrics, "Gateway metrics", [&] { return check_gateway_metrics(ask, urls.gateway); }});
  checks.push_back({metrics, "Prometheus targets", [&] { return check_targets(ask, urls.prometheus); }});
  checks.push_back(
      {"Functional Tests", "Inference endpoint", [&] { return check_prediction(ask, urls.gateway); }});
  return checks;
}

Verdict run_check(const HealthCheck& check) {
  try {
    return check.run();
  } catch (const std::exception& failure) {  // a URL that is none, say: the other checks still run
    return {.good = false, .detail = failure.what()};
  }
}

int check_health(HealthOptions& options, const Surroundings& surroundings) {
  for (std::string* url : {&options.urls.gateway, &options.urls.inference, &options.urls.management,
                           &options.urls.prometheus, &options.urls.grafana})
    *url = base_url(*url);
  const Ask ask = asker(surroundings, kLongestAnswer);
  std::vector<HealthLine> lines;
  std::string section;
  if (!options.json) surroundings.out << health_title() << std::flush;
  for (const auto& check : checks_of(options, ask, surroundings)) {
    if (!options.json && check.section != section)
      surroundings.out << health_section(check.section) << std::flush;
    section = check.section;
    lines.push_back({check.section, check.name, run_check(check)});
    if (!options.json) surroundings.out << health_line(lines.back()) << std::flush;
  }
  surroundings.out << (options.json ? health_json(lines, options.urls) : health_end(lines, options.urls));
  return all_good(lines) ? kGood : kBad;
}

}  // namespace

Command add_health(CLI::App& app) {
  auto options = std::make_shared<HealthOptions>();
  CLI::App& command =
      *app.add_subcommand("health", "Does the platform work: workloads, endpoints, metrics, a prediction");
  command.footer(kHealthFooter);
  add_cluster_options(command, options->cluster);
  add_platform_urls(command, options->urls);
  command
      .add_option("--model", options->models,
                  "Model that must have a READY worker; default: all registered ones")
      ->type_name("NAME[/VERSION]");
  command.add_option("--workloads-title", options->title, "Title of the section about the workloads")
      ->capture_default_str()
      ->type_name("TEXT");
  command.add_flag_callback(
      "--no-workloads", [options] { options->workloads = false; }, "Leave the workloads out: ask no cluster");
  add_output_option(command, options->json);
  return {&command,
          [options](const Surroundings& surroundings) { return check_health(*options, surroundings); }};
}

}  // namespace seraphim::cli
