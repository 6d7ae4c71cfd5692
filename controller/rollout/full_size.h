// What a revision needs to carry the whole traffic, whatever kind of workload it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "api/spec.h"

namespace seraphim::rollout {

/// Of what a workload consists: pods, or the workers of a model.
struct FullSize {
  std::int32_t replicas = 1;
  std::chrono::seconds progress_deadline{600};  ///< not available after this long: the revision failed
  std::string unit = "pod";                     ///< what one of them is called
  std::string units() const { return unit + "s"; }
};

FullSize full_size(const api::Workload& workload);

}  // namespace seraphim::rollout
