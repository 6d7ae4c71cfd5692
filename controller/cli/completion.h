// What may stand at the end of a command line, for shells: `kubectl-seraphim __complete WORD...`, the last
// word being the one under the cursor. Answers as kubectl's plugins do: a candidate a line, a tab and its
// meaning behind it, then a directive: ":0" names of files may follow, ":4" they may not.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace seraphim::cli {

inline constexpr const char* kCompleteCommand = "__complete";

std::string complete(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace seraphim::cli
