#include "operator/help_format.h"

namespace seraphim::op {

std::string HelpFormat::make_option(const CLI::Option* option, bool) const {
  std::string text = " ";
  for (const auto& name : option->get_snames()) text += " -" + name;
  for (const auto& name : option->get_lnames()) text += " --" + name;
  if (const std::string type = option->get_type_name(); !type.empty()) text += " " + type;
  text += "\n        " + option->get_description();
  std::string notes;
  if (const std::string value = option->get_default_str(); !value.empty()) notes += "default " + value;
  if (const std::string name = option->get_envname(); !name.empty())
    notes += (notes.empty() ? "" : ", ") + name;
  return text + (notes.empty() ? "" : "\n        [" + notes + "]") + "\n";
}

std::string HelpFormat::make_group(std::string group, bool is_positional,
                                   std::vector<const CLI::Option*> options) const {
  std::string text = "\n" + group + ":\n";
  for (const auto* option : options) text += make_option(option, is_positional);
  return text;
}

std::string HelpFormat::make_usage(const CLI::App*, std::string name) const {
  return "\nUsage: " + name + " [FLAG]...\n";
}

}  // namespace seraphim::op
