#include "cli/model.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "api/quote.h"
#include "cli/archive.h"
#include "cli/output.h"
#include "cli/text_table.h"
#include "kubernetes/resource_type.h"

namespace seraphim::cli {
namespace {

using nlohmann::ordered_json;

struct InspectOptions {
  std::string file{}, name{}, version{};
  bool json = false;
};

struct ProbeOptions {
  std::string url = "http://localhost:8080", model = "custom-text", version{}, text = "hello";
  std::string timeout = "30s";
};

/// What was expected of the archive and is not so.
void expect(const std::string& wanted, const std::string& found, const char* field, ModelFacts& facts) {
  if (!wanted.empty() && wanted != found)
    facts.problems.push_back(std::string(field) + " is " + api::quote(found) + " and should be " +
                             api::quote(wanted));
}

tl::expected<int, std::string> inspect(const InspectOptions& options, const Surroundings& surroundings) {
  const auto archive = read_archive(options.file);
  if (!archive) return tl::unexpected(archive.error());
  ModelFacts facts = facts_of(*archive);
  expect(options.name, facts.name, "model.modelName", facts);
  expect(options.version, facts.version, "model.modelVersion", facts);
  if (options.json) {
    const ordered_json all = {{"name", facts.name},       {"version", facts.version},
                              {"handler", facts.handler}, {"archiver", facts.archiver},
                              {"files", archive->files},  {"problems", facts.problems}};
    surroundings.out << all.dump(2, ' ', false, ordered_json::error_handler_t::replace) << '\n';
  } else {
    surroundings.out << format_columns({{"Model:", facts.name},
                                        {"Version:", facts.version},
                                        {"Handler:", facts.handler},
                                        {"Archiver:", facts.archiver},
                                        {"Files:", std::to_string(archive->files.size())}});
    for (const auto& problem : facts.problems) surroundings.out << "Problem: " << problem << '\n';
  }
  return facts.problems.empty() ? kGood : kBad;
}

tl::expected<int, std::string> probe(ProbeOptions options, const Surroundings& surroundings) {
  const auto timeout = api::parse_duration(options.timeout);
  if (!timeout) return tl::unexpected("--timeout: " + timeout.error());
  while (options.url.ends_with('/')) options.url.pop_back();
  std::string target = "/predictions/" + kubernetes::percent_encode(options.model);
  if (!options.version.empty()) target += "/" + kubernetes::percent_encode(options.version);
  const auto transport = surroundings.transport_for(options.url);
  if (!transport) return tl::unexpected("there is no transport for " + options.url);
  const auto response = transport->call({.method = "POST",
                                         .target = target,
                                         .content_type = "text/plain",
                                         .body = options.text,
                                         .accept = "*/*"},
                                        *timeout, {});
  const std::string who = "POST " + options.url + target + ": ";
  if (response.ok()) {
    surroundings.out << who << "HTTP " << response.status.http << '\n' << response.body << '\n';
    return kGood;
  }
  using kubernetes::TransportError;
  if (response.status.error == TransportError::timeout) {
    surroundings.err << who << "no answer within " << options.timeout
                     << "; a version whose worker keeps failing answers never: look at GET /models/"
                     << options.model << "/all of the management port\n";
  } else if (response.status.error != TransportError::none) {
    surroundings.err << who << to_string(response.status.error) << ": " << response.status.detail << '\n';
  } else {
    surroundings.err << who << "HTTP " << response.status.http << ": " << response.body << '\n';
  }
  return kBad;
}

/// Which of the two was named.
struct Chosen {
  const CLI::App *inspect = nullptr, *test = nullptr;
};

}  // namespace

Command add_model(CLI::App& app) {
  auto inspecting = std::make_shared<InspectOptions>();
  auto probing = std::make_shared<ProbeOptions>();
  CLI::App& command = *app.add_subcommand(
      "model", "Looks at a model before it gets traffic: inspect its archive, test its version");
  command.require_subcommand(1);
  CLI::App& inspect_command = *command.add_subcommand(
      "inspect", "Name, version and handler of a model archive (.mar), and what is wrong with it");
  inspect_command.footer(
      "Exit codes: 0 as it should be; 1 something is wrong with it; 2 no model archive\n\n"
      "Example:    kubectl-seraphim model inspect custom-text-v2.0.mar --name custom-text");
  inspect_command.add_option("FILE", inspecting->file, "Model archive")->required()->type_name("");
  inspect_command.add_option("--name", inspecting->name, "Name that it must have")->type_name("NAME");
  inspect_command.add_option("--model-version", inspecting->version, "Version that it must have")
      ->type_name("VERSION");
  add_output_option(inspect_command, inspecting->json);
  CLI::App& test_command = *command.add_subcommand(
      "test", "One prediction by a version of a model, past the gateway: no user is touched");
  test_command.footer(
      "Exit codes: 0 it answered; 1 it did not, or with an error; 2 wrong options\n\n"
      "Example:    kubectl-seraphim model test --model custom-text --model-version 2.0");
  test_command.add_option("--url", probing->url, "TorchServe, inference")
      ->capture_default_str()
      ->type_name("URL");
  test_command.add_option("--model", probing->model, "Model")->capture_default_str()->type_name("NAME");
  test_command.add_option("--model-version", probing->version, "Version; default: the default one")
      ->type_name("VERSION");
  test_command.add_option("--text", probing->text, "What is sent")->capture_default_str()->type_name("TEXT");
  test_command.add_option("--timeout", probing->timeout, "How long to wait for the answer")
      ->capture_default_str()
      ->type_name("DURATION");
  const Chosen chosen{&inspect_command, &test_command};
  return {&command, [inspecting, probing, chosen](const Surroundings& surroundings) {
            if (chosen.inspect->parsed())
              return conclude("model inspect", inspect(*inspecting, surroundings), surroundings);
            return conclude("model test", probe(*probing, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
