// The custom resource SeraphimFreeze: for how long which SeraphimDeployments get nothing new, and why.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/condition.h"
#include "api/label_selector.h"
#include "api/time.h"

namespace seraphim::api {

inline constexpr const char* kFreezeKind = "SeraphimFreeze";
inline constexpr const char* kFreezePlural = "seraphimfreezes";

/// Comes again every week, by the clock on the wall of a time zone. `start` belongs to it, `end` does not; an
/// end that is not after the start is on the next day, so that "22:00" to "22:00" is a day and a night.
struct FreezeWindow {
  std::bitset<7> days;                    ///< on which it starts; 0 is Sunday
  std::chrono::minutes start{0}, end{0};  ///< since midnight
  bool operator==(const FreezeWindow&) const = default;
};

struct FreezeSpec {
  std::string reason, who;
  std::optional<LabelSelector> selector;  ///< absent: every SeraphimDeployment of the namespace
  std::optional<Time> from, until;        ///< in force from `from` on, and no longer at `until`
  std::string time_zone = "UTC";          ///< of the windows: an IANA name
  std::vector<FreezeWindow> windows;      ///< none: all the time
  bool operator==(const FreezeSpec&) const = default;
};

struct FreezeStatus {
  std::int64_t observed_generation = 0;
  bool active = false;
  std::optional<Time> next_change;  ///< when `active` changes next; absent: not by the clock
  std::int32_t affected = 0;        ///< SeraphimDeployments that it selects
  std::vector<Condition> conditions;
  bool operator==(const FreezeStatus&) const = default;
};

struct SeraphimFreeze {
  std::string name, namespace_, uid, resource_version;
  std::int64_t generation = 0;
  FreezeSpec spec;
  FreezeStatus status;
  /// Set when the spec could not be understood: one sentence per problem. It is then in force for its whole
  /// namespace until it is corrected.
  std::vector<std::string> problems;
};

}  // namespace seraphim::api
