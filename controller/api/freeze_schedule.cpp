#include "api/freeze_schedule.h"

#include <algorithm>

namespace seraphim::api {
namespace {

using namespace std::chrono_literals;
using Days = std::chrono::days;

constexpr Duration kDay = 24h;
// Windows come again every week. One that has not changed anything in two does not at all, even when the
// clocks were changed in one of them.
constexpr Duration kFarthest = 15 * kDay;

/// Where a window begins and ends that starts on the day `day` of the wall's calendar.
struct Occurrence {
  Time start, end;
};

Occurrence occurrence(const FreezeWindow& window, std::chrono::sys_time<Days> day) {
  return {day + window.start, day + window.end + (window.end <= window.start ? kDay : Duration::zero())};
}

/// Calls `visit` with the occurrences that reach into the days around a wall's time; its times are the
/// wall's.
template <typename Visit>
void for_occurrences(const FreezeSpec& spec, Time wall, const Visit& visit) {
  const auto today = std::chrono::floor<Days>(wall);
  for (const FreezeWindow& window : spec.windows) {
    for (int i = -1; i <= 7; ++i) {
      const auto day = today + Days(i);
      if (window.days[std::chrono::weekday(day).c_encoding()]) visit(occurrence(window, day));
    }
  }
}

bool in_window(const FreezeSpec& spec, Time wall) {
  bool inside = false;
  for_occurrences(spec, wall, [&](const Occurrence& one) { inside |= one.start <= wall && wall < one.end; });
  return inside;
}

bool is_active(const FreezeSpec& spec, const std::optional<Zone>& zone, Time at) {
  if ((spec.from && at < *spec.from) || (spec.until && at >= *spec.until)) return false;
  return spec.windows.empty() || !zone || in_window(spec, at + (*zone)(at).offset);
}

/// The next time after `at` at which anything about the freeze may change.
Time next_boundary(const FreezeSpec& spec, const std::optional<Zone>& zone, Time at) {
  Time next = at + kFarthest;
  const auto consider = [&](Time boundary) {
    if (boundary > at) next = std::min(next, boundary);
  };
  if (spec.from) consider(*spec.from);
  if (spec.until) consider(*spec.until);
  if (spec.windows.empty() || !zone) return next;
  const ZoneSpan span = (*zone)(at);
  consider(span.end);
  for_occurrences(spec, at + span.offset, [&](const Occurrence& one) {
    consider(one.start - span.offset);
    consider(one.end - span.offset);
  });
  return next;
}

/// Nothing changes before this time, so that years need not be walked through in days.
Time first_worth_a_look(const FreezeSpec& spec, Time now) {
  return spec.from && *spec.from > now ? *spec.from : now;
}

std::optional<Time> next_change(const FreezeSpec& spec, const std::optional<Zone>& zone, Time now) {
  const bool active = is_active(spec, zone, now);
  Time at = first_worth_a_look(spec, now);
  if (is_active(spec, zone, at) != active) return at;
  const Time farthest = at + kFarthest;
  while (at < farthest) {
    at = next_boundary(spec, zone, at);
    if (is_active(spec, zone, at) != active) return at;
  }
  if (active && spec.until) return spec.until;
  return std::nullopt;
}

}  // namespace

Zone utc_zone() {
  return [](Time) { return ZoneSpan{Time::min(), Time::max(), Duration::zero()}; };
}

FreezeState state_at(const SeraphimFreeze& freeze, const std::optional<Zone>& zone, Time now) {
  if (!freeze.problems.empty()) return {.active = true, .next_change = std::nullopt};
  return {.active = is_active(freeze.spec, zone, now), .next_change = next_change(freeze.spec, zone, now)};
}

}  // namespace seraphim::api
