// The few texts that the demo programs take from flags, environment and JSON.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace seraphim::demo {

/// A share of requests: "0.2" and "20%" are both 0.2. Out of [0, 1] is refused, and so is a bare "20": the
/// platform's CANARY_PERCENT shows what guessing costs ("1" there is 100 %).
std::optional<double> parse_share(std::string_view text);

/// A Go-style duration such as "20ms", "1.5s" or "1m30s"; "0" needs no unit. Negative ones are refused.
std::optional<std::chrono::microseconds> parse_duration(std::string_view text);

/// Where requests go; only plain http.
struct Target {
  std::string host;
  std::uint16_t port = 80;
  std::string path = "/";
};

/// Splits "http://host[:port][/path?query]".
std::optional<Target> parse_url(std::string_view text);

}  // namespace seraphim::demo
