// Kinds that the API accepts and this build has no adapter for.
#pragma once

#include <string>

#include "api/spec.h"

namespace seraphim::op {

/// The sentence for the condition.
std::string unsupported(const api::Spec& spec);

}  // namespace seraphim::op
