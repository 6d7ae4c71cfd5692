// What a person wrote, as it appears in a sentence to that person.
#pragma once

#include <string>
#include <string_view>

namespace seraphim::api {

/// In double quotes, on one line, valid UTF-8 whatever the input, and cut when it is long.
std::string quote(std::string_view text);

}  // namespace seraphim::api
