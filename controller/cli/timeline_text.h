// A replay's timeline for people and for programs.
#pragma once

#include <string>

#include "replay/timeline.h"

namespace seraphim::cli {

/// A line for each look, and the story between them.
std::string to_table(const replay::Timeline& timeline);
std::string to_json(const replay::Timeline& timeline);
/// "would be promoted", "would be rolled back: <reason>: <message>", "undecided: ...".
std::string end_text(const replay::Timeline& timeline);

}  // namespace seraphim::cli
