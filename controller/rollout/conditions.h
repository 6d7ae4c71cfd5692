// Types of the conditions in status.conditions; the reasons stand in explain.cpp.
#pragma once

namespace seraphim::rollout {

inline constexpr const char* kSpecValid = "SpecValid";  ///< the spec can be acted upon
inline constexpr const char* kReady = "Ready";          ///< a stable revision serves
inline constexpr const char* kProgressing =
    "Progressing";  ///< a revision is on its way; the reason says where it stands
inline constexpr const char* kPromoted = "Promoted";  ///< the spec's revision is the stable one
inline constexpr const char* kRolledBack =
    "RolledBack";  ///< the spec's revision failed and is not tried again
inline constexpr const char* kRecovered =
    "Recovered";  ///< health and SLOs are good since the last rollback; only after one
inline constexpr const char* kTrafficReady =
    "TrafficReady";  ///< the route is as the operator wants it, or can be made so
inline constexpr const char* kMetricsAvailable = "MetricsAvailable";  ///< only with spec.analysis
inline constexpr const char* kWeightObserved =
    "WeightObserved";  ///< the router does as it was told; only with spec.analysis
inline constexpr const char* kEnoughTraffic =
    "EnoughTraffic";  ///< the evidence can come in time; only with spec.analysis
inline constexpr const char* kPaused = "Paused";
inline constexpr const char* kFrozen = "Frozen";  ///< a freeze is in force for the object

}  // namespace seraphim::rollout
