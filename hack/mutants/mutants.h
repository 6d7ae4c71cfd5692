// Included before all else in the copy that hack/mutate builds: which mutant lives, and which ones a test comes across.
#pragma once

#include <cstdlib>

namespace mutant {

inline constexpr int kMost = 20000;
inline constexpr int kNone = -1;

/// Read once, before anything else of the program is initialized.
inline const int chosen = std::getenv("MUTANT") != nullptr ? std::atoi(std::getenv("MUTANT")) : kNone;

inline bool reached[kMost] = {};

inline bool is(int id) {
  if (chosen == kNone) reached[id] = true;
  return chosen == id;
}

}  // namespace mutant
