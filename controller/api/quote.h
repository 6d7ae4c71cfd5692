// What a person wrote, as it appears in a sentence to that person.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seraphim::api {

/// In double quotes, on one line, valid UTF-8 whatever the input, and cut after `most` bytes.
std::string quote(std::string_view text, std::size_t most = 60);

}  // namespace seraphim::api
