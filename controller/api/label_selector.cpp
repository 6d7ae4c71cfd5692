#include "api/label_selector.h"

#include <algorithm>

namespace seraphim::api {
namespace {

bool holds(const LabelRequirement& requirement, const std::map<std::string, std::string>& labels) {
  const auto label = labels.find(requirement.key);
  const bool there = label != labels.end();
  const auto listed = [&] {
    const auto& values = requirement.values;
    return there && std::find(values.begin(), values.end(), label->second) != values.end();
  };
  switch (requirement.operator_) {
    case LabelRequirement::Operator::in:
      return listed();
    case LabelRequirement::Operator::not_in:
      return !listed();
    case LabelRequirement::Operator::exists:
      return there;
    case LabelRequirement::Operator::does_not_exist:
      break;
  }
  return !there;
}

}  // namespace

bool selects(const LabelSelector& selector, const std::map<std::string, std::string>& labels) {
  const auto is_there = [&](const auto& wanted) {
    const auto label = labels.find(wanted.first);
    return label != labels.end() && label->second == wanted.second;
  };
  return std::all_of(selector.match_labels.begin(), selector.match_labels.end(), is_there) &&
         std::all_of(selector.match_expressions.begin(), selector.match_expressions.end(),
                     [&](const auto& requirement) { return holds(requirement, labels); });
}

}  // namespace seraphim::api
