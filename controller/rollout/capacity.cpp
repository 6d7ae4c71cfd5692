#include "rollout/capacity.h"

#include <algorithm>

namespace seraphim::rollout {
namespace {

constexpr std::int64_t kWhole = api::kEverything.basis_points();

tl::expected<std::int32_t, std::string> by_replica_ratio(std::int64_t total, std::int64_t share) {
  const std::int64_t pods = total * share / (kWhole - share);
  if (pods >= 1) return static_cast<std::int32_t>(std::min(pods, total));
  // One candidate pod beside total stable ones is the smallest share there is; round it up to whole percents.
  const auto smallest = static_cast<std::int32_t>((100 + total) / (total + 1));
  return tl::unexpected(
      "a weight of " +
      api::format_percent(api::Percent::from_basis_points(static_cast<std::int32_t>(share))) +
      " cannot be reached by counting pods with " + std::to_string(total) +
      " replicas; the smallest step possible is " + std::to_string(smallest) +
      "%: raise the step's weight or the replicas, or use traffic.gatewayAPI");
}

}  // namespace

tl::expected<std::int32_t, std::string> candidate_replicas(const api::Traffic& traffic, std::int32_t total,
                                                           api::Percent weight) {
  if (total <= 0 || weight == api::kNothing) return 0;
  if (weight >= api::kEverything) return total;
  const std::int64_t share = weight.basis_points();
  if (std::holds_alternative<api::ReplicasTraffic>(traffic)) return by_replica_ratio(total, share);
  return static_cast<std::int32_t>((total * share + kWhole - 1) / kWhole);
}

}  // namespace seraphim::rollout
