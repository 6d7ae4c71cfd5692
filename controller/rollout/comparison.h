// Which two revisions are compared right now, and how.
#pragma once

#include <optional>
#include <string>

#include "analysis/assessment.h"
#include "api/spec.h"
#include "api/status.h"

namespace seraphim::rollout {

struct Comparison {
  std::string baseline, candidate;
  analysis::Stage stage;
  bool operator==(const Comparison&) const = default;
};

/// Nothing when no candidate runs, no bake is on, or the spec asks for no analysis.
std::optional<Comparison> comparison(const api::Spec& spec, const api::Status& status);

}  // namespace seraphim::rollout
