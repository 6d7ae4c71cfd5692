// What a replay came to: each look, the weights, the story and the end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/status.h"
#include "rollout/plan.h"

namespace seraphim::replay {

struct Look {
  api::Time at{};
  std::int32_t step = 0;  ///< that it was taken in
  api::Percent weight;    ///< the candidate's, as it was taken
  api::Phase phase{};     ///< after what was decided by it
  std::string verdict;    ///< as rollout::verdict_word
  api::EvidenceStatus evidence;
  bool operator==(const Look&) const = default;
};

struct WeightSet {
  api::Time at{};
  api::Percent weight;
  bool operator==(const WeightSet&) const = default;
};

struct Told {
  api::Time at{};
  rollout::Narrative narrative;
  bool operator==(const Told&) const = default;
};

enum class Outcome { promoted, rolled_back, undecided };

struct Timeline {
  std::string stable, candidate;
  api::Time from{}, to{};  ///< that were replayed; `to` is the end of the history, or of the rollout
  std::vector<Look> looks;
  std::vector<WeightSet> weights;
  std::vector<Told> story;
  Outcome outcome = Outcome::undecided;
  std::string reason;   ///< of a rollback, or what an undecided rollout waits for; UpperCamelCase
  std::string message;  ///< for people
  bool operator==(const Timeline&) const = default;
};

}  // namespace seraphim::replay
