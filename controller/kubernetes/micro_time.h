// metav1.MicroTime.
#pragma once

#include <string>

#include "kubernetes/clock.h"

namespace seraphim::kubernetes {

/// "2026-11-24T16:17:33.042000Z": RFC 3339 in UTC with exactly six digits, the form in which the API server
/// keeps it.
std::string micro_time(WallTime time);

}  // namespace seraphim::kubernetes
