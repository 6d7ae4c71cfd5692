// What the program ends with: for whoever restarts it, and in --help.
#pragma once

namespace seraphim::op {

inline constexpr int kEnded = 0;       ///< asked to, by a signal
inline constexpr int kFailed = 1;      ///< could not go on; a lost lease too: start it again
inline constexpr int kUnusable = 2;    ///< flags, configuration or cluster access: starting again is no use
inline constexpr int kCrdMissing = 3;  ///< the cluster does not know SeraphimDeployments

}  // namespace seraphim::op
