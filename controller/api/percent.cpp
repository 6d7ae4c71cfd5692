#include "api/percent.h"

#include <optional>

#include "api/ascii.h"
#include "api/quote.h"

namespace seraphim::api {
namespace {

/// Takes the digits at the start of `text`; nothing when there is none or more than `most`.
std::optional<std::string_view> take_digits(std::string_view& text, std::size_t most) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  if (size == 0 || size > most) return std::nullopt;
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
}

std::int32_t value_of(std::string_view digits) {
  std::int32_t value = 0;
  for (const char digit : digits) value = value * 10 + (digit - '0');
  return value;
}

std::optional<std::int32_t> basis_points_of(std::string_view text) {
  const auto whole = take_digits(text, 3);
  if (!whole) return std::nullopt;
  std::int32_t hundredths = 0;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const auto decimals = take_digits(text, 2);
    if (!decimals) return std::nullopt;
    hundredths = value_of(*decimals) * (decimals->size() == 1 ? 10 : 1);
  }
  if (!text.empty() && text != "%") return std::nullopt;
  return value_of(*whole) * 100 + hundredths;
}

}  // namespace

std::string format_percent(Percent percent) {
  const bool negative = percent.basis_points() < 0;
  const std::int64_t points = negative ? -std::int64_t{percent.basis_points()} : percent.basis_points();
  std::string text = (negative ? "-" : "") + std::to_string(points / 100);
  if (const std::int64_t hundredths = points % 100; hundredths != 0) {
    text += '.';
    text += static_cast<char>('0' + hundredths / 10);
    if (hundredths % 10 != 0) text += static_cast<char>('0' + hundredths % 10);
  }
  return text + '%';
}

tl::expected<Percent, std::string> parse_percent(std::string_view text) {
  const auto points = basis_points_of(text);
  if (!points || *points > kEverything.basis_points()) {
    return tl::unexpected(
        quote(text) +
        " is not a percentage; write a number from 0 to 100 with at most two decimals, such as "
        "25 or \"0.5%\"");
  }
  return Percent::from_basis_points(*points);
}

}  // namespace seraphim::api
