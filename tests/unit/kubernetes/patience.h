// How long a test waits for what must happen; sanitizers and busy machines are slow.
#pragma once

#include <chrono>

namespace seraphim::kubernetes::testing {

inline constexpr std::chrono::seconds kPatience{30};

}  // namespace seraphim::kubernetes::testing
