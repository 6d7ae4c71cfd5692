#include "traffic/canary_percent.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "api/ascii.h"

namespace seraphim::traffic {
namespace {

using api::is_digit;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\r\f\v";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Python allows one '_' between two digits; anywhere else it makes the text no number.
std::optional<std::string> without_underscores(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return std::nullopt;
    }
  }
  return plain;
}

/// As Python's float(), where it raises: nothing.
std::optional<double> python_float(std::string_view text) {
  const auto plain = without_underscores(trimmed(text));
  if (!plain) return std::nullopt;
  std::string_view rest = *plain;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const std::string word = api::lower_case(std::string(rest));
  if (word == "inf" || word == "infinity") return negative ? -kInfinity : kInfinity;
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (rest.empty() || !(is_digit(rest.front()) || rest.front() == '.')) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (end != rest.data() + rest.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) value = word.find("e-") == std::string::npos ? kInfinity : 0;
  return negative ? -value : value;
}

}  // namespace

std::optional<api::Percent> read_canary_percent(std::string_view text) {
  const double number = python_float(text).value_or(0);
  if (std::isnan(number)) return std::nullopt;
  const double share = number <= 1.0 ? number : number / 100;
  if (share <= 0) return api::kNothing;
  if (share >= 1) return api::kEverything;
  const auto points = static_cast<std::int32_t>(std::lround(share * 10'000));
  return api::Percent::from_basis_points(std::clamp(points, 1, 9'999));
}

std::string canary_percent_text(api::Percent weight) {
  if (weight <= api::kNothing) return "0";
  if (weight >= api::kEverything) return "1";
  const std::string digits = std::to_string(weight.basis_points());
  return "0." + std::string(4 - digits.size(), '0') + digits;
}

}  // namespace seraphim::traffic
