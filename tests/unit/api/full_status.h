// A status with something in every field, for tests.
#pragma once

#include <random>

#include "api/status.h"

namespace seraphim::api {

/// Every field is set, at random; with `sparse` each only perhaps. The same seed gives the same status.
Status any_status(std::mt19937_64& random, bool sparse);

}  // namespace seraphim::api
