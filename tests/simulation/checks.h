// The invariants of the design (docs/design.md, section 4), each a named check, put to every write that an
// operator makes. They read the API server's objects and the pods themselves.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "simulation/process.h"
#include "simulation/schedule.h"
#include "simulation/telemetry.h"
#include "simulation/truth.h"

namespace seraphim::simulation {

struct Broken {
  std::string check;  ///< "3 rollback first"
  std::string what;
};

/// What the checks may look at.
struct Scene {
  const ApiStore& store;
  const Cluster& cluster;
  const Router& router;
  const Prometheus& prometheus;
  const WorldClock& clock;
  const Setup& setup;
  /// The process that wrote; null when it is gone.
  std::function<Process*(int)> process;
};

/// Counted on the way.
struct Tally {
  int rollouts = 0, promotions = 0, rollbacks = 0, false_rollbacks = 0, writes = 0;
  int verdicts = 0, recovered = 0;  ///< about rollbacks, and the good ones of them
};

class Checks {
 public:
  Checks(Scene scene, std::function<void(Broken)> report) : scene_(scene), report_(std::move(report)) {}

  void on_write(const Write& write);
  /// An operator sent a write, which may change nothing or get lost.
  void on_attempt(Kind kind);
  void wall_was_set() { wall_set_at_ = scene_.clock.now; }
  /// The holds of the set-up are no longer those of the spec.
  void steps_were_edited() { steps_edited_ = true; }
  const Tally& tally() const { return tally_; }
  const StatusTruth& status() const { return status_; }
  /// Writes that operators tried, but to Leases.
  int writes() const { return tally_.writes; }
  const std::set<std::string>& promoted() const { return promoted_; }
  const std::set<std::string>& rolled_back() const { return rolled_back_; }
  /// A person or a pod crash made a good revision fail.
  void excuse(const std::string& revision) { excused_.insert(revision); }
  const std::set<std::string>& excused() const { return excused_; }
  bool wall_ever_set() const { return wall_set_at_ > -1h; }

 private:
  void on_status(const Write& write);
  void on_raise(const StatusTruth& last, const StatusTruth& next, const Write& write);
  void on_roles(const StatusTruth& last, const StatusTruth& next, const Write& write);
  void on_verification(const StatusTruth& last, const StatusTruth& next);
  void on_route(const Write& write);
  void on_share_gained(const std::string& revision, int before, int after);
  void on_candidate_raised(int share, const Write& write);
  void on_revision(const Write& write);
  void on_revision_removed(const Write& write);
  void on_replica_set(const Write& write);
  void on_service(const Write& write);

  void require(bool holds, const char* check, const std::string& what);
  bool lately(SimTime at) const;
  bool had_available_pods(const std::string& revision) const;
  bool router_has_endpoints_of(const std::string& revision) const;
  bool knows_of_pause(const Write& write) const;
  bool knows_of_freeze(const Write& write) const;
  bool was_blind() const;
  bool failed(const std::string& revision) const;
  std::map<std::string, int> shares() const;

  const Scene scene_;
  const std::function<void(Broken)> report_;
  StatusTruth status_;
  Tally tally_;
  std::map<std::string, int> shares_;  ///< as written, before the write in question
  bool steps_edited_ = false;
  SimTime person_touched_ = -1h, wall_set_at_ = -1h, step_entered_at_{};
  std::deque<SimTime> recent_;
  int route_writes_ = 0;
  std::set<std::string> promoted_, rolled_back_, excused_;
};

}  // namespace seraphim::simulation
