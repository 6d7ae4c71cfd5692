// Characters as the formats of this API know them: ASCII, whatever the locale is.
#pragma once

#include <string>

namespace seraphim::api {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

inline std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace seraphim::api
