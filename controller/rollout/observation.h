// All that a decision may depend on, read once per reconcile into plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/assessment.h"
#include "analysis/recovery.h"
#include "api/revision.h"
#include "api/seraphim_deployment.h"

namespace seraphim::rollout {

/// Pods of one revision, as its ReplicaSet reports them; or the workers of a model version, as its TorchServe
/// does.
struct WorkloadState {
  std::string revision;
  std::int32_t desired = 0;   ///< asked for
  std::int32_t existing = 0;  ///< not gone yet
  std::int32_t ready = 0;
  std::int32_t available = 0;  ///< ready for minReadySeconds
  std::string problem;         ///< why pods do not come up, when the API says so
  bool operator==(const WorkloadState&) const = default;
};

/// One of the two places a router can send to: a Service and what stands behind it.
///
/// With traffic.replicas there is no router and one Service. The two places are then two slots noted on that
/// Service (the revision of each is an annotation) and its selector is the switch: at weight 0 it selects the
/// stable slot's revision, at 100 the candidate slot's, in between it selects the pods of both and the share
/// follows from their number. So all actions keep their meaning: PointBackend writes a slot's annotation,
/// SetWeight writes the selector and the weight's annotation, Scale of the candidate makes the share true (at
/// most the weight, see capacity.h). Pods at weight 0 or kept warm for the bake get nothing, and a rollback
/// is one write. `ready` is the number of ready pods of the slot's revision, `foreign_ready` is always 0.
///
/// With traffic.seraphimGateway the two places are variables of the gateway's pod template. `ready` is the
/// number of ready workers of the slot's revision (of the gateway's pods when the model is none of ours),
/// nothing while no pod of the gateway has the present template; `foreign_ready` counts pods with an older
/// one.
struct Backend {
  std::string revision;    ///< what it selects now
  std::int32_t ready = 0;  ///< ready endpoints of that revision
  std::int32_t foreign_ready =
      0;  ///< ready endpoints of other revisions: the endpoints lag behind the selector
  /// With traffic.seraphimGateway: what the slot's variables say, "text/2.0".
  std::string model{};
  bool operator==(const Backend&) const = default;
};

/// The router's object and the backends. The candidate one has `candidate_weight`, the stable one the rest.
struct TrafficState {
  /// Set when the route cannot be used: a CamelCase reason and a sentence that says what to do.
  struct Problem {
    std::string reason, message;
    bool operator==(const Problem&) const = default;
  };
  std::optional<Problem> problem;
  std::optional<Backend> stable, candidate;  ///< absent: the Service (or slot) does not exist yet
  /// Absent: there is no route to read it from. With traffic.replicas it is what SetWeight noted as long as
  /// the selector agrees with it (one revision for 0 and 100, both for anything between); else 0, 100, or the
  /// share of ready pods, whichever the selector says.
  std::optional<api::Percent> candidate_weight;
  bool own_route_outdated = false;  ///< the operator's own route is missing or differs from the spec
  bool confirmed = false;           ///< read from the API server just now, not from a cache that may lag
  /// What is still in the way of `candidate_weight` being true everywhere, in a sentence: the time at a
  /// weight does not count before, and nothing is raised. Empty where a router follows at once.
  std::string unsettled{};
  bool operator==(const TrafficState&) const = default;
};

/// A freeze that is in force for the object.
struct FreezeInForce {
  std::string
      name;  ///< empty: nobody can tell whether there is one, and `reason` is a sentence that says why
  std::string reason, who;
  std::optional<api::Time> until;  ///< absent: until somebody edits or deletes it
  bool operator==(const FreezeInForce&) const = default;
};

struct Observation {
  api::SeraphimDeployment object;
  std::vector<api::Revision> revisions;  ///< recorded ones, by number, oldest first
  std::vector<WorkloadState> workloads;
  TrafficState traffic;
  /// The latest look at what comparison(object.spec, object.status) names, also between two looks; never one
  /// at other revisions. Absent: nothing is compared, or nobody has looked yet (which holds).
  std::optional<analysis::Assessment> assessment;
  /// The latest look at verified_revision(object.spec, object.status). Absent: nothing is verified, or nobody
  /// has looked yet (which decides nothing).
  std::optional<analysis::Recovery> recovery{};
  std::vector<FreezeInForce> freezes;          ///< by name
  std::optional<api::Time> freezes_change_at;  ///< one that selects the object begins or ends next
  api::Time now{};
};

}  // namespace seraphim::rollout
