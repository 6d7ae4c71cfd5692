// metav1.LabelSelector.
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/codec_parts.h"
#include "api/names.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using Operator = LabelRequirement::Operator;

constexpr std::size_t kMostRequirements = 50;
constexpr std::array kOperators{std::pair{Operator::in, std::string_view("In")},
                                std::pair{Operator::not_in, std::string_view("NotIn")},
                                std::pair{Operator::exists, std::string_view("Exists")},
                                std::pair{Operator::does_not_exist, std::string_view("DoesNotExist")}};

bool is_operator(std::string_view text) {
  for (const auto& [value, word] : kOperators) {
    if (word == text) return true;
  }
  return false;
}

void read_match_labels(const json& labels, const std::string& path, LabelSelector& selector,
                       Problems& problems) {
  if (!labels.is_object()) {
    return problems.add(path, describe(labels) + " stands where labels should; write {team: vision}");
  }
  for (const auto& [name, value] : labels.items()) {
    if (value.is_string()) {
      selector.match_labels[name] = value.get<std::string>();
    } else {
      problems.add(path + "." + name, describe(value) + " is not a label's value; write a string");
    }
  }
}

std::vector<std::string> read_values(const json* list, const std::string& path, Problems& problems) {
  std::vector<std::string> values;
  bool wrong = list == nullptr || !list->is_array() || list->empty();
  for (const json& value : wrong ? json::array() : *list) {
    wrong |= !value.is_string();
    if (value.is_string()) values.push_back(value.get<std::string>());
  }
  if (wrong) problems.add(path, "In and NotIn compare with values; write a list of strings");
  return values;
}

LabelRequirement read_requirement(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"key", "operator", "values"}, problems);
  LabelRequirement requirement;
  if (fields.require("key", "the name of a label") != nullptr) {
    fields.read("key", requirement.key, is_text, "the name of a label");
  }
  std::string word;
  constexpr std::string_view kWords = "In, NotIn, Exists or DoesNotExist";
  if (fields.require("operator", kWords) != nullptr) fields.read("operator", word, is_operator, kWords);
  for (const auto& [known, name] : kOperators) {
    if (name == word) requirement.operator_ = known;
  }
  const json* values = fields.find("values");
  if (word == "In" || word == "NotIn") {
    requirement.values = read_values(values, fields.path("values"), problems);
  } else if (!word.empty() && values != nullptr && !values->empty()) {
    problems.add(fields.path("values"), word + " looks at no value; remove them, or write In");
  }
  return requirement;
}

}  // namespace

LabelSelector read_selector(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"matchLabels", "matchExpressions"}, problems);
  LabelSelector selector;
  if (const json* labels = fields.find("matchLabels")) {
    read_match_labels(*labels, fields.path("matchLabels"), selector, problems);
  }
  const json* expressions = fields.find("matchExpressions");
  if (expressions == nullptr) return selector;
  const std::string at = fields.path("matchExpressions");
  if (!expressions->is_array() || expressions->size() > kMostRequirements) {
    problems.add(at, describe(*expressions) +
                         " cannot be used; write a list such as [{key: team, operator: "
                         "In, values: [vision]}]");
    return selector;
  }
  for (std::size_t i = 0; i < expressions->size(); ++i) {
    selector.match_expressions.push_back(
        read_requirement((*expressions)[i], at + "[" + std::to_string(i) + "]", problems));
  }
  return selector;
}

}  // namespace seraphim::api
