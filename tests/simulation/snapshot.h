// What a list answers: the objects as they are, or as they were when the server that answers lags behind.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "simulation/api_store.h"

namespace seraphim::simulation {

struct Snapshot {
  std::vector<std::shared_ptr<const std::string>> objects;
  std::uint64_t version = 0;   ///< of the list
  std::uint64_t position = 0;  ///< where a watch from this version goes on in the history of the kind
};

/// By the store's read lag; what is older than the history is served as it is now.
Snapshot snapshot_of(const ApiStore& store, Kind kind, bool labelled_only);

}  // namespace seraphim::simulation
