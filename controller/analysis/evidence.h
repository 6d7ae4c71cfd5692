// All that analysis remembers about a candidate, and its text in EvidenceStatus::state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/counts.h"
#include "analysis/increments.h"
#include "analysis/parameters.h"
#include "analysis/sequential_test.h"
#include "api/time.h"

namespace seraphim::analysis {

/// Test and counters go together: written apart, a crash between the two would count a scrape twice or lose
/// it.
struct Evidence {
  TestState test;
  double delta = 0, slo = 0;  ///< that the wealth in `test` was bet against
  Increments counters;
  api::Duration scrape_period{0};  ///< as seen in the samples; 0: not known yet
  bool noted = false;              ///< the counters' starting values are known
  bool began = false;              ///< the candidate has had traffic

  Counts waiting;                        ///< grown since the last look
  Counts total;                          ///< of all looks, for people
  std::optional<api::Time> last_look;    ///< when `waiting` was last emptied
  std::optional<api::Time> final_since;  ///< the candidate has had the last step's weight since then

  std::int32_t step = 0;
  std::optional<api::Time> step_since;  ///< first look in this step
  double step_requests = 0;             ///< of the candidate in this step
  /// Requests in this step since the router had time to follow: what share the candidate really gets.
  double share_candidate = 0, share_all = 0;

  /// All events seen on both sides since `pace_since`, history included: how fast evidence can come.
  std::optional<api::Time> pace_since;
  double pace_events = 0, pace_failures = 0;

  std::string basis;  ///< Samples::basis that the counters are of

  bool operator==(const Evidence&) const = default;
};

Evidence start_evidence(const Parameters& parameters, api::Time now);

/// Compact JSON, exact to the last bit. About 60 bytes for each target.
std::string encode(const Evidence& evidence);
/// Total: nothing for text that this version did not write, or that somebody edited. Evidence then starts
/// anew, which costs time, never a wrong step.
std::optional<Evidence> decode(std::string_view text);

}  // namespace seraphim::analysis
