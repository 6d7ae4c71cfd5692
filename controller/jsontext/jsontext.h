// JSON to text and back, as nlohmann::json does it, in a third of the time: most of what the operator
// computes is the JSON of objects that come and go.
//
// What is plain is done here. At anything else - other letters than ASCII, escapes by number, numbers that
// are long or out of range, deep nesting, text that is not JSON - the library gets to say what it means.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace seraphim::jsontext {

/// A discarded value when the text is not JSON.
nlohmann::json parse(std::string_view text);

/// Without blanks; what is not UTF-8 is replaced. Never throws.
std::string dump(const nlohmann::json& value);

}  // namespace seraphim::jsontext
