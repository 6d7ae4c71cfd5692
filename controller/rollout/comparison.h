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

/// The stable revision while it is verified after a rollback and its requests count; nothing else.
std::optional<std::string> verified_revision(const api::Spec& spec, const api::Status& status);

}  // namespace seraphim::rollout
