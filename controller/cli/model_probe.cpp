#include "cli/model_probe.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/gateway_probe.h"
#include "cli/output.h"
#include "cli/platform_urls.h"
#include "kubernetes/resource_type.h"

namespace seraphim::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kTorchServe = "torchserve";
constexpr const char* kGateway = "gateway";
constexpr std::chrono::seconds kBetweenProbes{1};

constexpr const char* kModelTestFooter =
    R"(Asked are TorchServe itself, by the model's name and version, and the gateway, by the header X-Canary: candidate.
The gateway's answer counts when it says that the candidate gave it, of --model-version if there is one, and when its
counter tells a success: when a model fails, the gateway answers 200 with a made-up prediction. Behind the gateway a
new version is the candidate from its first weight on; before, ask --through torchserve.

Exit codes: 0 it answered in every way; 1 it did not in one of them, or with an error; 2 wrong options

Examples:   kubectl-seraphim model test --model custom-text --model-version 2.0
            kubectl-seraphim model test --through torchserve --model-version 2.0 --wait 2m)";

struct ProbeOptions {
  PlatformUrls urls{};
  std::string through = "both", model = "custom-text", version{}, text = "hello", force_header = "X-Canary";
  std::string timeout = "30s", wait = "0s";
  bool json = false;
};

/// What one way came to.
struct Probe {
  std::string way{}, url{}, asked{};  ///< `asked`: method and path, and what else it takes
  std::string body{};                 ///< of the answer
  std::string variant{}, version{};   ///< as the gateway says; empty: it was not asked
  std::string problem{};              ///< empty: the version answered
};

std::string why_not(const kubernetes::Response& response, const ProbeOptions& options) {
  using kubernetes::TransportError;
  if (response.status.error == TransportError::timeout) {
    return "no answer within " + options.timeout +
           "; a version whose worker keeps failing answers never: look at GET /models/" + options.model +
           "/all of the management port";
  }
  if (response.status.error != TransportError::none)
    return std::string(to_string(response.status.error)) + ": " + response.status.detail;
  return "HTTP " + std::to_string(response.status.http) + ": " + response.body;
}

Probe ask_torch_serve(const Ask& ask, const ProbeOptions& options) {
  const std::string url = base_url(options.urls.inference);
  std::string target = "/predictions/" + kubernetes::percent_encode(options.model);
  if (!options.version.empty()) target += "/" + kubernetes::percent_encode(options.version);
  const auto response = ask(url, {.method = "POST",
                                  .target = target,
                                  .content_type = "text/plain",
                                  .body = options.text,
                                  .accept = "*/*"});
  return {.way = kTorchServe,
          .url = url,
          .asked = "POST " + target,
          .body = response.body,
          .problem = response.ok() ? "" : why_not(response, options)};
}

/// Empty when the candidate answered, of the version that was asked for.
std::string not_the_candidate(const Prediction& prediction, const ProbeOptions& options) {
  if (prediction.variant != "candidate") {
    return "the baseline answered, although " + options.force_header +
           ": candidate was sent; pass the gateway's CANARY_FORCE_HEADER as --force-header";
  }
  if (options.version.empty() || prediction.version == options.version) return "";
  return "the gateway's candidate is version " +
         (prediction.version.empty() ? std::string("(none)") : prediction.version) + " and not " +
         options.version +
         "; a version becomes the candidate with its first weight: until then pass --through torchserve";
}

Probe ask_gateway(const Ask& ask, const ProbeOptions& options) {
  const std::string url = base_url(options.urls.gateway);
  Probe probe{
      .way = kGateway, .url = url, .asked = "POST /predict with " + options.force_header + ": candidate"};
  const auto prediction = predict(ask, url, {options.text, options.force_header});
  if (!prediction) {
    probe.problem = prediction.error();
    return probe;
  }
  probe.body = prediction->body;
  probe.variant = prediction->variant;
  probe.version = prediction->version;
  probe.problem = not_the_candidate(*prediction, options);
  return probe;
}

std::vector<Probe> probe_all(const Ask& ask, const ProbeOptions& options) {
  std::vector<Probe> probes;
  if (options.through != kGateway) probes.push_back(ask_torch_serve(ask, options));
  if (options.through != kTorchServe) probes.push_back(ask_gateway(ask, options));
  return probes;
}

bool all_answered(const std::vector<Probe>& probes) {
  return std::all_of(probes.begin(), probes.end(), [](const Probe& probe) { return probe.problem.empty(); });
}

/// "gateway http://localhost:8000, POST /predict with X-Canary: candidate: the candidate answered,
/// version 2.0, and the gateway counted a success"
std::string probe_text(const Probe& probe) {
  const std::string who = probe.way + " " + probe.url + ", " + probe.asked + ": ";
  if (!probe.problem.empty()) return who + probe.problem + "\n";
  if (probe.variant.empty()) return who + "it answered\n" + probe.body + "\n";
  return who + "the " + probe.variant + " answered" +
         (probe.version.empty() ? "" : ", version " + probe.version) +
         ", and the gateway counted a success\n" + probe.body + "\n";
}

std::string probes_json(const std::vector<Probe>& probes) {
  ordered_json all = {{"answered", all_answered(probes)}, {"ways", ordered_json::array()}};
  for (const auto& probe : probes) {
    all["ways"].push_back({{"way", probe.way},
                           {"url", probe.url},
                           {"asked", probe.asked},
                           {"answered", probe.problem.empty()},
                           {"variant", probe.variant},
                           {"version", probe.version},
                           {"body", probe.body},
                           {"problem", probe.problem}});
  }
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

tl::expected<int, std::string> test_model(const ProbeOptions& options, const Surroundings& surroundings) {
  const auto timeout = api::parse_duration(options.timeout);
  if (!timeout) return tl::unexpected("--timeout: " + timeout.error());
  const auto wait = api::parse_duration(options.wait);
  if (!wait) return tl::unexpected("--wait: " + wait.error());
  const Ask ask = asker(surroundings, *timeout);
  const auto end = surroundings.now() + *wait;
  auto probes = probe_all(ask, options);
  while (!all_answered(probes) && surroundings.now() < end) {
    surroundings.pause(kBetweenProbes);
    probes = probe_all(ask, options);
  }
  if (options.json) {
    surroundings.out << probes_json(probes);
  } else {
    for (const auto& probe : probes)
      (probe.problem.empty() ? surroundings.out : surroundings.err) << probe_text(probe);
  }
  return all_answered(probes) ? kGood : kBad;
}

}  // namespace

Command add_model_test(CLI::App& model) {
  auto options = std::make_shared<ProbeOptions>();
  CLI::App& command = *model.add_subcommand(
      "test", "One prediction by a version of a model, and the proof that it gave it: no user is touched");
  command.footer(kModelTestFooter);
  command.add_option("--through", options->through, "torchserve, gateway or both")
      ->capture_default_str()
      ->check(CLI::IsMember(std::vector<std::string>{kTorchServe, kGateway, "both"}));
  add_inference_url(command, options->urls, "--url,--inference-url");
  add_gateway_url(command, options->urls);
  command.add_option("--model", options->model, "Model")->capture_default_str()->type_name("NAME");
  command.add_option("--model-version", options->version, "Version; default: the default one")
      ->type_name("VERSION");
  command.add_option("--text", options->text, "What is sent")->capture_default_str()->type_name("TEXT");
  command
      .add_option("--force-header", options->force_header,
                  "Header that sends a request to the gateway's candidate: its CANARY_FORCE_HEADER")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_option("--timeout", options->timeout, "How long to wait for an answer")
      ->capture_default_str()
      ->type_name("DURATION");
  command.add_option("--wait", options->wait, "Try again until it answers, at most so long: 2m")
      ->capture_default_str()
      ->type_name("DURATION");
  add_output_option(command, options->json);
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("model test", test_model(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
