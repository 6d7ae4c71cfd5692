#include "cli/completion.h"

#include <CLI/CLI.hpp>
#include <sstream>

namespace seraphim::cli {
namespace {

constexpr const char* kFilesToo = ":0\n";
constexpr const char* kNothingElse = ":4\n";

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// The command that the words before the cursor have come to.
const CLI::App& command_at(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* at = &app;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    for (const auto* command : commands_of(*at)) {
      if (command->get_name() == words[i]) {
        at = command;
        break;
      }
    }
  }
  return *at;
}

/// The option that waits for its value in front of the cursor.
const CLI::Option* waiting_option(const CLI::App& command, const std::vector<std::string>& words) {
  if (words.size() < 2 || !words[words.size() - 2].starts_with('-')) return nullptr;
  const auto* option = command.get_option_no_throw(words[words.size() - 2]);
  return option != nullptr && option->get_items_expected_max() > 0 ? option : nullptr;
}

std::string candidate(const std::string& word, const std::string& meaning) {
  return word + "\t" + meaning.substr(0, meaning.find('\n')) + "\n";
}

/// "TEXT:{table,json}" has two of them.
std::string values_of(const CLI::Option& option, const std::string& start) {
  const std::string type = option.get_type_name();
  const auto open = type.find('{');
  if (open == std::string::npos) return type == "FILE" || type == "DIR" ? kFilesToo : kNothingElse;
  std::istringstream words(type.substr(open + 1, type.find('}') - open - 1));
  std::string lines;
  for (std::string word; std::getline(words, word, ',');) {
    if (word.starts_with(start)) lines += candidate(word, "");
  }
  return lines + kNothingElse;
}

}  // namespace

std::string complete(const CLI::App& app, const std::vector<std::string>& words) {
  const std::string start = words.empty() ? "" : words.back();
  const CLI::App& command = command_at(app, words);
  if (const auto* option = waiting_option(command, words)) return values_of(*option, start);
  std::string lines;
  if (!start.starts_with('-')) {
    for (const auto* below : commands_of(command)) {
      if (below->get_name().starts_with(start))
        lines += candidate(below->get_name(), below->get_description());
    }
  }
  if (lines.empty()) {
    for (const auto* option : command.get_options()) {
      for (const auto& name : option->get_lnames()) {
        if (("--" + name).starts_with(start)) lines += candidate("--" + name, option->get_description());
      }
    }
  }
  return lines + kNothingElse;
}

}  // namespace seraphim::cli
