// Traffic providers that the API accepts and this build has no adapter for.
#pragma once

#include <string>

namespace seraphim::op {

/// The sentence for the condition.
std::string unsupported();

}  // namespace seraphim::op
