#include "analysis/number_text.h"

#include <array>
#include <charconv>

namespace seraphim::analysis {

std::string fixed(double value, int decimals) {
  std::array<char, 400> text{};  // the largest double has 309 digits before the point
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals).ptr;
  return {text.data(), end};
}

std::string percent(double fraction) {
  return fixed(100 * fraction, 1) + " %";
}

}  // namespace seraphim::analysis
