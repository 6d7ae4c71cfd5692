// Time zones by their IANA names, read from the system's database (/usr/share/zoneinfo).
#pragma once

#include <optional>
#include <string>

#include "api/freeze_schedule.h"

namespace seraphim::op {

/// Nothing when there is no such zone, or no database (UTC is always known). What is returned reads nothing
/// any more and may be called by any thread.
std::optional<api::Zone> find_zone(const std::string& name);

}  // namespace seraphim::op
