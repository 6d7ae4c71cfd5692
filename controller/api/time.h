// Points in time and durations as the API writes them: RFC 3339 times, Go-style durations ("90s", "1h30m").
// Pure: nothing here reads a clock; every time is handed in.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace seraphim::api {

/// Wall-clock time, UTC, millisecond resolution.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

/// "2026-11-24T16:17:33Z"; milliseconds are written only when they are not zero.
std::string format_time(Time time);
/// Accepts an offset in place of Z; digits after the milliseconds are dropped.
tl::expected<Time, std::string> parse_time(std::string_view text);

/// Go-style: "1h30m", "1m30s", "250ms", "0s". Zero units are left out. A negative one gets a "-", for logs
/// only.
std::string format_duration(Duration duration);
/// Accepts a sequence of <whole number><unit> with units h, m, s, ms ("90s", "1h30m"); no sign, no blank, at
/// most 1000000h in all. The error says what to write instead.
tl::expected<Duration, std::string> parse_duration(std::string_view text);

}  // namespace seraphim::api
