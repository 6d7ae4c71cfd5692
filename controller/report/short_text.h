// Texts that are cut for people, never within a character.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seraphim::report {

/// At most `bytes` of it, with "..." at the end when something was cut; between the code points of UTF-8.
std::string shortened(std::string_view text, std::size_t bytes);

}  // namespace seraphim::report
