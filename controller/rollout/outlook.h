// What lies ahead of a candidate, in words: what is known, when it looks again, what turns it back, how long
// the evidence will take. Internal to rollout/.
#pragma once

#include <optional>
#include <string>

#include "rollout/planner.h"

namespace seraphim::rollout {

/// "; it goes back to web-1 at ...": what turns the candidate back, or "" where nothing can.
std::string way_back(const Planner& planner);
/// "; known so far: ...; it looks every 5s, the last look was at ...", or "" before the first look.
std::string knowledge(const Planner& planner);

/// How long the last step will take at the traffic there is.
struct Forecast {
  api::Duration time{0};
  std::string
      message;  ///< "about 12m of evidence at the last step (50%), at 5.2 requests/s with 1.0 % failures"
};
/// By the slowest metric. Nothing before anything was counted.
std::optional<Forecast> forecast(const Planner& planner);

/// Two digits are all that it is worth: "40s", "12m", "3h20m".
std::string rough_duration(api::Duration duration);

}  // namespace seraphim::rollout
