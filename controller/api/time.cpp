#include "api/time.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "api/ascii.h"
#include "api/quote.h"

namespace seraphim::api {
namespace {

/// Takes text from the left; the first thing that does not fit makes everything after it fail.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

  bool accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok_ = accept(c) && ok_; }

  /// Exactly `size` digits with a value of at most `most`.
  int number(std::size_t size, int most) {
    int value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value * 10 + digit();
    ok_ = ok_ && value <= most;
    return value;
  }

  int digit() {
    if (rest_.empty() || !is_digit(rest_.front())) {
      ok_ = false;
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  bool sees_digit() const { return !rest_.empty() && is_digit(rest_.front()); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::chrono::milliseconds scan_fraction(Scanner& scan) {
  int value = 0;
  int scale = 100;
  do {
    value += scan.digit() * scale;
    scale /= 10;
  } while (scan.ok() && scan.sees_digit());
  return std::chrono::milliseconds(value);
}

/// What has to be subtracted to get to UTC.
std::chrono::minutes scan_offset(Scanner& scan) {
  if (scan.accept('Z')) return std::chrono::minutes(0);
  const bool west = scan.accept('-');
  if (!west) scan.expect('+');
  const int hours = scan.number(2, 23);
  scan.expect(':');
  const int minutes = scan.number(2, 59);
  return std::chrono::minutes((hours * 60 + minutes) * (west ? -1 : 1));
}

std::optional<Time> scan_time(std::string_view text) {
  Scanner scan(text);
  const int year = scan.number(4, 9999);
  scan.expect('-');
  const int month = scan.number(2, 12);
  scan.expect('-');
  const int day = scan.number(2, 31);
  scan.expect('T');
  const int hour = scan.number(2, 23);
  scan.expect(':');
  const int minute = scan.number(2, 59);
  scan.expect(':');
  const int second = scan.number(2, 59);
  const auto fraction = scan.accept('.') ? scan_fraction(scan) : std::chrono::milliseconds(0);
  const auto offset = scan_offset(scan);
  const auto date = std::chrono::year(year) / month / day;
  if (!scan.ok() || !scan.at_end() || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + fraction - offset;
}

constexpr Duration kLongest = std::chrono::hours(1'000'000);
constexpr std::size_t kMostDigits = 13;  // enough for the longest one in milliseconds

std::optional<Duration> take_unit(std::string_view& text) {
  const auto take = [&text](std::string_view unit) {
    if (text.substr(0, unit.size()) != unit) return false;
    text.remove_prefix(unit.size());
    return true;
  };
  if (take("ms")) return std::chrono::milliseconds(1);
  if (take("h")) return std::chrono::hours(1);
  if (take("m")) return std::chrono::minutes(1);
  if (take("s")) return std::chrono::seconds(1);
  return std::nullopt;
}

std::optional<Duration> scan_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Duration sum{0};
  while (!text.empty()) {
    std::int64_t number = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits) {
      if (digits == kMostDigits) return std::nullopt;
      number = number * 10 + (text[digits] - '0');
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    const auto unit = take_unit(text);
    if (!unit || number > kLongest / *unit) return std::nullopt;
    sum += number * *unit;
    if (sum > kLongest) return std::nullopt;
  }
  return sum;
}

/// With zeros before it, up to `width` characters with the sign.
void append_digits(std::string& text, std::int64_t number, std::size_t width) {
  std::array<char, 24> digits{};
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  const std::size_t sign = number < 0 ? 1 : 0;
  text.append(digits.data(), sign);
  text.append(width > size ? width - size : 0, '0');
  text.append(digits.data() + sign, size - sign);
}

}  // namespace

std::string format_time(Time time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  std::string text;
  append_digits(text, static_cast<int>(date.year()), 4);
  append_digits(text += '-', static_cast<unsigned>(date.month()), 2);
  append_digits(text += '-', static_cast<unsigned>(date.day()), 2);
  append_digits(text += 'T', clock.hours().count(), 2);
  append_digits(text += ':', clock.minutes().count(), 2);
  append_digits(text += ':', clock.seconds().count(), 2);
  if (clock.subseconds().count() != 0) append_digits(text += '.', clock.subseconds().count(), 3);
  return text + 'Z';
}

tl::expected<Time, std::string> parse_time(std::string_view text) {
  if (const auto time = scan_time(text)) return *time;
  return tl::unexpected(quote(text) + " is not a time; write it as in 2026-11-24T16:17:33Z");
}

std::string format_duration(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  std::string text = duration < Duration::zero() ? "-" : "";
  const auto put = [&](auto unit, const char* name) {
    const auto part = std::chrono::duration_cast<decltype(unit)>(duration);
    duration -= part;
    const auto count = part.count() < 0 ? -part.count() : part.count();
    if (count != 0) text += std::to_string(count) + name;
  };
  put(std::chrono::hours(), "h");
  put(std::chrono::minutes(), "m");
  put(std::chrono::seconds(), "s");
  put(std::chrono::milliseconds(), "ms");
  return text;
}

tl::expected<Duration, std::string> parse_duration(std::string_view text) {
  if (const auto duration = scan_duration(text)) return *duration;
  return tl::unexpected(
      quote(text) +
      " is not a duration; write whole numbers with the units h, m, s or ms, such as \"1m30s\"");
}

}  // namespace seraphim::api
