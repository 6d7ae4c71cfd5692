// How many pods a revision needs for a share of the traffic.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "api/percent.h"
#include "api/spec.h"

namespace seraphim::rollout {

/// Pods the candidate needs to carry `weight` when the full workload has `total` pods.
/// With a router: the same share of the pods, rounded up, at least one.
/// With traffic.replicas: as many as make up at most that share beside a stable revision that keeps its full
/// `total`; an error says which weight is the smallest possible one.
tl::expected<std::int32_t, std::string> candidate_replicas(const api::Traffic& traffic, std::int32_t total,
                                                           api::Percent weight);

}  // namespace seraphim::rollout
