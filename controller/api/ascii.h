// Characters as the formats of this API know them: ASCII, whatever the locale is.
#pragma once

namespace seraphim::api {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace seraphim::api
