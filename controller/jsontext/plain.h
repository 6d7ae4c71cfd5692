// Letters that stand for themselves in a JSON string. Internal to jsontext/.
#pragma once

#include <array>

namespace seraphim::jsontext {

inline constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

inline bool is_plain(char c) {
  return kPlain[static_cast<unsigned char>(c)];
}

/// Up to the first that is not plain.
inline const char* skip_plain(const char* at, const char* end) {
  while (at != end && is_plain(*at)) ++at;
  return at;
}

}  // namespace seraphim::jsontext
