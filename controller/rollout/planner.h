// The working state of one decision. Internal to rollout/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rollout/full_size.h"
#include "rollout/observation.h"
#include "rollout/plan.h"

namespace seraphim::rollout {

/// A revision is to lose all of its traffic, before anything else happens.
struct Withdrawal {
  std::string revision;          ///< loses
  std::string to;                ///< serves instead; empty: nothing else ever served
  api::RevisionVerdict verdict;  ///< failed or superseded
  std::string reason, message;
  bool told = false;  ///< decided and told in an earlier pass, whose route moves take several
};

/// What keeps the rollout from its next move; the first one named is shown.
struct Waiting {
  std::string reason, message;
};

/// So often the variables of the platform's gateway are put back that somebody else changes
/// (out_of_band.cpp).
inline constexpr std::int32_t kModelRestores = 4;

struct Planner {
  explicit Planner(const Observation& observation);

  const Observation& in;
  const api::Spec& spec;
  const bool spec_usable;              ///< understood
  const FullSize full;                 ///< defaults when the spec is not usable
  const std::vector<api::Step> steps;  ///< those between 0 and 100 %
  const api::Time now;
  const std::string target;          ///< name of the spec's revision; empty when the spec is not usable
  const api::Percent weight_intent;  ///< status.weight.desired as persisted: no raise goes beyond it
  const api::Percent weight_before;  ///< status.weight.applied as persisted
  api::Status status;
  TrafficState traffic;  ///< as observed, then as it will be after this plan's move
  std::optional<Withdrawal> withdrawal;
  std::optional<Waiting> waiting;
  bool traffic_first = false;  ///< a revision loses its traffic: that comes before anything else
  bool route_reached = false;  ///< the route was seen as the current step wants it
  bool confirm_traffic = false;
  bool new_course = false;  ///< the candidate or the steps changed in this pass: nothing advances in it
  bool contested = false;   ///< hand edits of the weight are no longer put back at once

  std::string route_is_left;  ///< why the route is not touched, if so: somebody else keeps writing it

  // Actions by kind; plan() puts them in the order that the invariants ask for.
  std::vector<Action> records, scale_ups, traffic_moves, scale_downs, deletions;
  std::vector<Narrative> story;
  std::optional<api::Duration> look_again;

  bool has_candidate() const { return !status.candidate_revision.empty(); }
  bool has_stable() const { return !status.stable_revision.empty(); }
  bool initial() const { return has_candidate() && !has_stable(); }
  bool baking() const { return status.promoted_at.has_value() && !status.previous_revision.empty(); }
  bool promoting() const {
    return has_candidate() && has_stable() && status.weight.desired == api::kEverything;
  }
  bool at_last_step() const { return status.step >= static_cast<std::int32_t>(steps.size()); }
  /// The step in force; nothing before the first, after the last, or when there are none.
  const api::Step* step() const;

  const api::Revision* recorded(const std::string& name) const;
  /// Failed, by its record or by a rollback whose record this observation does not show yet.
  bool has_failed(const std::string& revision) const;
  WorkloadState workload(const std::string& revision) const;
  bool in_use(const std::string& revision) const;
  /// The weight that the candidate's pods are for: the desired one, at first that of the first step.
  api::Percent weight_to_carry() const;
  /// Pods the candidate needs for it; 0 when it cannot be reached.
  std::int32_t candidate_needs() const;
  /// Why its weight cannot be reached, if so.
  std::optional<std::string> unreachable_weight() const;
  bool candidate_available() const;
  /// Both sides were measured not long ago. True without analysis.
  bool data_is_fresh() const;
  /// So little time has passed at this step's weight that missing requests are no sign of anything yet.
  bool step_is_young() const;
  /// It has waited for evidence as long as the spec allows, and this is the end that the spec names.
  bool overdue(api::UndecidedEnd end) const;
  /// Why the candidate is not ready to get more traffic now, whatever step comes next.
  std::optional<Waiting> doubts() const;
  /// Why it may not get more traffic now: for doubts, or for a freeze.
  std::optional<Waiting> raise_blocked() const;

  void mark(const std::string& revision, api::RevisionVerdict verdict, const std::string& reason);
  void tell(Narrative::Kind kind, std::string reason, std::string action, std::string message,
            const std::string& about);
  void wait_for(std::string reason, std::string message);
  void look_again_in(api::Duration wait);
  /// Starts counting anew for another weight.
  void enter_step(std::int32_t step, api::Percent desired);
  /// Forgets everything about the candidate but the evidence.
  void drop_candidate();
  /// Somebody has lost all traffic. While a write of the route is still to come the clock stands, since that
  /// call may take long: a later look, with the time from after it, starts it.
  void start_scale_down_delay();

  Plan plan() &&;
};

/// Share of all traffic that goes to a revision by the route; 0 where there is no route to read.
api::Percent share_of(const TrafficState& traffic, const std::string& revision);

// The stages of a decision, in the order in which decide() calls them.
void read_world(Planner& planner);          ///< planner.cpp: what was measured goes into the status
void watch_over(Planner& planner);          ///< guard.cpp: the reasons to roll back
void read_annotations(Planner& planner);    ///< annotations.cpp: retry and approval
void mind_the_freezes(Planner& planner);    ///< freeze.cpp: what is over or overridden, and the next timer
void mind_out_of_band(Planner& planner);    ///< out_of_band.cpp: who else writes the gateway's variables
void choose_course(Planner& planner);       ///< course.cpp: start, cancel, take back
void realign_steps(Planner& planner);       ///< steps.cpp: steps edited in mid-canary
void steer_traffic(Planner& planner);       ///< steering.cpp: one safe move of the route
void advance(Planner& planner);             ///< advance.cpp: hold, approval, next step, end of the bake
void mind_the_undecided(Planner& planner);  ///< undecided.cpp: the deadline of a rollout without evidence
void verify_rollback(Planner& planner);     ///< verification.cpp: is the service well again?
void size_workloads(Planner& planner);      ///< sizing.cpp: pods for everybody, none for the forgotten
void trim_history(Planner& planner);        ///< sizing.cpp
void explain(Planner& planner);             ///< explain.cpp: phase and conditions

/// withdrawal.cpp: takes the traffic away and, when it is gone, marks the verdict and changes the roles.
void withdraw(Planner& planner);
/// Asks for the candidate's (or the baking revision's) withdrawal as failed.
void roll_back(Planner& planner, const std::string& reason, const std::string& message);
/// steering.cpp: the route serves the candidate alone, so it is the stable one from now on.
void complete_promotion(Planner& planner);
/// advance.cpp: the bake is over, by time or cut short.
void end_bake(Planner& planner, const std::string& reason);

/// verification.cpp: a rollback was decided; one that is still being verified is told to be over.
void note_rollback(Planner& planner, api::RollbackStatus rollback);
/// Its traffic is on the way back: the verification's time runs.
void begin_verification(Planner& planner);
/// Says that a verification under way has no result, and why; else nothing.
void end_verification(Planner& planner, const std::string& why);

/// undecided.cpp: "no verdict after 1h of waiting: rollback evidence 2.1 of 100, promotion evidence 3.4 of
/// 20".
std::string undecided_message(const Planner& planner);

/// "25% at step 2 of 3"
std::string where_it_stands(const Planner& planner);

}  // namespace seraphim::rollout
