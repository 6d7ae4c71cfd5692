// CANARY_PERCENT of the platform's gateway: what it makes of a text, and the text to write for a weight.
//
// The gateway reads it with Python's float(); up to 1 it is a share, above 1 it counts in percent, and what
// is no number is 0. So "1" is everything and one percent cannot be written as a percentage: the operator
// writes shares only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/percent.h"

namespace seraphim::traffic {

/// The candidate's share by this text. A share above nothing is at least 0.01 %, one below everything at most
/// 99.99 %, so that a stray rest is seen and put right. Nothing for "nan", by which the gateway answers
/// requests with a user's header with HTTP 500.
std::optional<api::Percent> read_canary_percent(std::string_view text);

/// "0.0500" for 5 %, "0" for nothing, "1" for everything: what the gateway reads as this very weight.
std::string canary_percent_text(api::Percent weight);

}  // namespace seraphim::traffic
