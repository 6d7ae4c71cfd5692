// A history out of a Prometheus server.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "api/spec.h"
#include "cli/surroundings.h"
#include "replay/history.h"

namespace seraphim::cli {

struct Wanted {
  api::Analysis analysis;         ///< server, preset, match labels, interval
  std::string namespace_, name;   ///< of the object
  std::string stable, candidate;  ///< candidate empty: only the stable revision's samples
  api::Time from{}, to{};
  std::string candidate_version{}, stable_version{};  ///< of their models, for placeholders
};

/// Raw samples from the operator's first window before `from` on, asked for an hour at a time. The error is a
/// sentence.
tl::expected<replay::History, std::string> record(const Wanted& wanted, const Surroundings& surroundings);

/// The revisions that the server has samples of, for a sentence: "a-1, a-2", or "none".
std::string revisions_there(const Wanted& wanted, const Surroundings& surroundings);

}  // namespace seraphim::cli
