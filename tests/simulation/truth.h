// What the API server's objects say, read as the checks need it: not what the operator believes.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "simulation/api_store.h"

namespace seraphim::simulation {

/// The status of the one SeraphimDeployment.
struct StatusTruth {
  bool exists = false;
  std::string uid, phase, stable, candidate, previous, started_at, rollback_from, rollback_reason;
  std::string reason;  ///< of the condition Progressing
  /// Of a failed revision; empty when the last rollback was one by hand.
  std::string failed;
  std::string rollback_at, rollback_to, verification, verified_at;
  std::string retry, retry_seen;  ///< the annotation, and what the operator last made of it
  std::int64_t step = 0, candidate_requests = 0, observed_generation = 0, generation = 0;
  int desired = 0;  ///< of the candidate, hundredths of a percent
  bool paused = false;
};
StatusTruth read_status(const StoredPointer& object);

/// The route's weights.
struct RouteTruth {
  bool exists = false;
  std::int64_t stable = 0, candidate = 0;
  /// Of the candidate backend, hundredths of a percent.
  int candidate_share() const;
};
RouteTruth read_route(const StoredPointer& route);

std::string selected_revision(const StoredPointer& service);
std::string verdict_of(const StoredPointer& revision);
std::int64_t number_of(const StoredPointer& revision);

/// All of the traffic, in hundredths of a percent.
inline constexpr int kAll = 10'000;

inline const kubernetes::ObjectKey kObject{"shop", "web"};
inline const kubernetes::ObjectKey kStableService{"shop", "web-stable"};
inline const kubernetes::ObjectKey kCandidateService{"shop", "web-candidate"};

/// The only route there is; null when there is none.
StoredPointer the_route(const ApiStore& store);
/// The share of a revision by the route and the Services as written, hundredths of a percent.
int written_share(const ApiStore& store, const std::string& revision);

}  // namespace seraphim::simulation
