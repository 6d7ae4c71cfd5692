// When a freeze is in force, and when that changes next.
#pragma once

#include <functional>
#include <optional>

#include "api/seraphim_freeze.h"

namespace seraphim::api {

/// A stretch of time in which a zone's clocks differ from UTC by the same amount.
struct ZoneSpan {
  Time begin, end;    ///< begin <= t < end
  Duration offset{};  ///< what to add to UTC
};
/// The span that holds a time. A function of its argument alone: whoever makes one has read the time zone
/// database before.
using Zone = std::function<ZoneSpan(Time)>;

/// UTC, for which no database is needed.
Zone utc_zone();

struct FreezeState {
  bool active = false;
  std::optional<Time> next_change;  ///< absent: only an edit changes it
  bool operator==(const FreezeState&) const = default;
};

/// By the clock on the wall: in a window whenever the zone's clocks show a time in it. What they show twice,
/// in the night that has an hour more, is in the window twice; a start that they skip is the moment of the
/// skip.
///
/// `zone` is that of `freeze.spec.time_zone`; nothing when it is not known. Then, as when the spec was not
/// understood, the freeze is rather in force than not: between `from` and `until`, or until it is corrected.
FreezeState state_at(const SeraphimFreeze& freeze, const std::optional<Zone>& zone, Time now);

}  // namespace seraphim::api
