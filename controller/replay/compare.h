// A replay beside what the operator's log says, look by look.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "replay/timeline.h"
#include "rollout/pass_record.h"

namespace seraphim::replay {

struct Differences {
  std::size_t looks = 0;   ///< of both together
  std::size_t differ = 0;  ///< with another number, text, step, weight or verdict, or in one of the two only
  std::vector<std::string> first;  ///< a sentence for each of the first of them
};

/// Looks belong together by their time. Other passes are not compared.
Differences compare(const Timeline& timeline, const std::vector<rollout::PassRecord>& log);

}  // namespace seraphim::replay
