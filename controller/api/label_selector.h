// metav1.LabelSelector: which objects something is about, by their labels.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace seraphim::api {

struct LabelRequirement {
  enum class Operator { in, not_in, exists, does_not_exist };
  std::string key;
  Operator operator_ = Operator::exists;
  std::vector<std::string> values;  ///< of in and not_in
  bool operator==(const LabelRequirement&) const = default;
};

/// All of it must hold; an empty one selects everything.
struct LabelSelector {
  std::map<std::string, std::string> match_labels;
  std::vector<LabelRequirement> match_expressions;
  bool operator==(const LabelSelector&) const = default;
};

/// As the API server understands it: `not_in` also holds where the label is absent.
bool selects(const LabelSelector& selector, const std::map<std::string, std::string>& labels);

}  // namespace seraphim::api
