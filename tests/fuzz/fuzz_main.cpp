// One target for libFuzzer: SERAPHIM_FUZZ_TARGET names it.
#include <cstddef>
#include <cstdint>

#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // libFuzzer hands out bytes, the parsers take characters.
  seraphim::fuzz::SERAPHIM_FUZZ_TARGET(
      std::string_view(reinterpret_cast<const char*>(data), size));  // NOLINT
  return 0;
}
