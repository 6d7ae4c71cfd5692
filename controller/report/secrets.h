// What a person may have written into a spec although it belongs into a Secret, is not shown.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace seraphim::report {

/// Hides values in two contents of spec.workload that are to be compared: those of environment variables and
/// headers whose name says TOKEN, PASSWORD, SECRET, KEY, CREDENTIAL, AUTH and the like, of members and flags
/// named so, and passwords in URLs. "(hidden)" stands for a value; where one of that name has several,
/// "(hidden, value 2)" tells them apart, so that a change is seen.
void hide_secrets(nlohmann::json& before, nlohmann::json& after);

/// The same in one line of text: "--token=(hidden)".
std::string without_secrets(std::string_view text);

}  // namespace seraphim::report
