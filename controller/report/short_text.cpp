#include "report/short_text.h"

namespace seraphim::report {

std::string shortened(std::string_view text, std::size_t bytes) {
  constexpr std::string_view kCut = "...";
  if (text.size() <= bytes) return std::string(text);
  std::size_t end = bytes > kCut.size() ? bytes - kCut.size() : 0;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + std::string(kCut);
}

}  // namespace seraphim::report
