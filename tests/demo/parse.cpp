#include "parse.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace seraphim::demo {
namespace {

/// Takes a non-negative decimal number off the front of `text`; exponents, signs, "inf" and "nan" are not
/// numbers here.
std::optional<double> take_number(std::string_view& text) {
  const auto length = std::min(text.find_first_not_of("0123456789."), text.size());
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + length, value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + length) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

/// Takes a unit off the front of `text` and gives its length in microseconds.
std::optional<double> take_unit(std::string_view& text) {
  // "ms" stands before "m", which is its beginning.
  static constexpr std::array<std::pair<std::string_view, double>, 5> kUnits{
      {{"us", 1.0}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}}};
  for (const auto& [name, microseconds] : kUnits) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return microseconds;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> parse_share(std::string_view text) {
  const auto number = take_number(text);
  if (!number) return std::nullopt;
  double share = *number;
  if (text == "%") {
    share /= 100.0;
  } else if (!text.empty()) {
    return std::nullopt;
  }
  return share <= 1.0 ? std::optional{share} : std::nullopt;
}

std::optional<std::chrono::microseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::microseconds{0};
  if (text.empty()) return std::nullopt;
  constexpr double kLongest = 1e15;  // 31 years, so that no sum of two leaves the range of the type
  double total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const auto unit = take_unit(text);
    if (!unit) return std::nullopt;
    total += *number * *unit;
    if (total > kLongest) return std::nullopt;
  }
  return std::chrono::microseconds{std::llround(total)};
}

std::optional<Target> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const auto slash = std::min(text.find('/'), text.size());
  auto authority = text.substr(0, slash);
  Target target;
  if (slash < text.size()) target.path = text.substr(slash);
  if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    const auto port = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
    if (error != std::errc{} || end != port.data() + port.size() || target.port == 0) return std::nullopt;
    authority = authority.substr(0, colon);
  }
  if (authority.empty()) return std::nullopt;
  target.host = authority;
  return target;
}

}  // namespace seraphim::demo
