#include "cli/model.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "api/quote.h"
#include "cli/archive.h"
#include "cli/model_probe.h"
#include "cli/output.h"
#include "cli/text_table.h"

namespace seraphim::cli {
namespace {

using nlohmann::ordered_json;

struct InspectOptions {
  std::string file{}, name{}, version{};
  bool json = false;
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

}  // namespace

Command add_model(CLI::App& app) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App& command = *app.add_subcommand(
      "model", "Looks at a model before it gets traffic: inspect its archive, test its version");
  command.require_subcommand(1);
  CLI::App& inspect_command = *command.add_subcommand(
      "inspect", "Name, version and handler of a model archive (.mar), and what is wrong with it");
  inspect_command.footer(
      "Exit codes: 0 as it should be; 1 something is wrong with it; 2 no model archive\n\n"
      "Example:    kubectl-seraphim model inspect custom-text-v2.0.mar --name custom-text");
  inspect_command.add_option("FILE", options->file, "Model archive")->required()->type_name("");
  inspect_command.add_option("--name", options->name, "Name that it must have")->type_name("NAME");
  inspect_command.add_option("--model-version", options->version, "Version that it must have")
      ->type_name("VERSION");
  add_output_option(inspect_command, options->json);
  return {&command,
          [options, &inspect_command, test = add_model_test(command)](const Surroundings& surroundings) {
            if (!inspect_command.parsed()) return test.run(surroundings);
            return conclude("model inspect", inspect(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
