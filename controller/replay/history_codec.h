// A history as a file: JSON, `"format": "seraphim-history/v1"`.
//
//   {"format": "seraphim-history/v1", "stable": "a-1", "candidate": "a-2", "from": 1764000000000, "to": ...,
//    "requests": {"baseline": [{"target": "pod=a-1-x\n", "outcome": "success", "points": [-5000, 17, 0,
//    21]}],
//                 "candidate": [...]},
//    "metrics": {"latency": {...}}}
//
// Times are milliseconds; those of the points, each followed by its value, are counted from `from`. In place
// of the two sides there may be {"missing": {"reason": ..., "message": ...}}.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "replay/history.h"

namespace seraphim::replay {

/// Samples come in the order of series and time.
std::string encode(const History& history);
/// Strict: the error is a sentence that says what is wrong and where.
tl::expected<History, std::string> decode_history(std::string_view text);

}  // namespace seraphim::replay
