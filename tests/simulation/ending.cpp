// With the faults over: does it end well, and does it come to rest?
#include <nlohmann/json.hpp>

#include "api/seraphim_deployment.h"
#include "kubernetes/json_read.h"
#include "simulation/director.h"
#include "simulation/world.h"

namespace seraphim::simulation {
namespace {

constexpr SimTime kLook = 2s, kMostTime = 20min;
constexpr auto kScaleDown = 30s;  // of what nobody needs any more, and the last Events' repeats
constexpr auto kQuiet = 60s;

}  // namespace

void World::approve_if_asked() {
  const StatusTruth& status = checks_.status();
  if (!setup_.approval || status.candidate.empty() || status.step < 1) return;
  annotate(api::kAnnotationApprove, status.candidate + "/" + std::to_string(status.step));
}

std::string World::why_not_settled() const {
  const StatusTruth& status = checks_.status();
  if (!status.exists) return "there is no object";
  if (status.observed_generation != status.generation) return "the newest spec was not seen";
  if (status.retry != status.retry_seen) return "the retry was not seen";
  const bool failed = verdict_of(store_.get(Kind::revisions, {kObject.namespace_, target_})) == "Failed";
  if (status.stable.empty() && failed && status.phase == "Degraded") return {};  // nothing ever served
  if (!status.candidate.empty()) return status.candidate + " is still a candidate, phase " + status.phase;
  if (!status.previous.empty()) return "the bake is not over";
  if (status.verification == "Pending") return "the rollback is still being verified";
  if (written_share(store_, status.stable) != 10'000) return status.stable + " has not all of the traffic";
  if (status.stable == target_) return {};
  if (!failed) return "the spec asks for " + target_ + " and " + status.stable + " serves";
  const bool good = target_behaviour_ == Behaviour::good || target_behaviour_ == Behaviour::slow;
  const bool by_evidence = status.rollback_reason.starts_with("ErrorRate");
  // A wall clock that jumps ends deadlines before their time.
  if (good && !by_evidence && !checks_.excused().contains(target_) && !checks_.wall_ever_set())
    return "the good revision " + target_ + " was rolled back: " + status.rollback_reason;
  return {};
}

bool World::settled() const {
  return why_not_settled().empty();
}

/// A stable revision whose pods are gone for good, or that fails so often that the absolute guard lets nobody
/// be promoted beside it: people have to help, and the status says so.
bool World::nothing_to_compare_with() const {
  const PodGroup* stable = cluster_.group(checks_.status().stable);
  if (stable == nullptr) return false;
  return stable->behaviour != Behaviour::good && stable->behaviour != Behaviour::slow;
}

/// Suspicion stops a candidate that has no traffic, and without traffic no evidence ends the suspicion: it
/// holds, and says so, until a person or analysis.undecided ends it.
bool World::held_by_suspicion() const {
  const StatusTruth& status = checks_.status();
  return !setup_.undecided && !status.candidate.empty() && written_share(store_, status.candidate) == 0 &&
         status.reason == "EvidenceSuspicious";
}

void World::finish() {
  run_until(clock_.now + kLook);  // whatever was done last shows
  const SimTime until = clock_.now + kMostTime;
  while (!settled() && !result_.broken) {
    if (nothing_to_compare_with() || held_by_suspicion()) return;
    if (clock_.now > until) return report({"8 every run ends stable", why_not_settled()});
    approve_if_asked();
    run_until(clock_.now + kLook);
  }
  if (nothing_to_compare_with()) return;
  run_until(clock_.now + kScaleDown);
  for (const auto& [revision, group] : cluster_.groups()) {
    if (!group.pods.empty() && revision != checks_.status().stable && !checks_.status().stable.empty())
      return report({"10 nothing is left running", revision + " has pods, and nobody needs them"});
  }
  const int writes = checks_.writes();
  run_until(clock_.now + kQuiet);
  if (result_.broken) return;
  if (checks_.writes() != writes)
    return report(
        {"10 quiet when the world is", std::to_string(checks_.writes() - writes) + " writes in a minute"});
  if (!settled()) return report({"8 every run ends stable", "and then not any more: " + why_not_settled()});
  if (!is_verified())
    return report({"11 every rollback ends in a verdict", checks_.status().rollback_from + " has none"});
  check_story();
}

/// The last rollback that had somewhere to go to was verified.
bool World::is_verified() const {
  const StatusTruth& status = checks_.status();
  return status.rollback_at.empty() || status.rollback_to.empty() || !status.verified_at.empty();
}

/// What a process had not yet written down when it died is lost: then nothing is asked for.
void World::check_story() {
  if (deaths_ > 0 || setup_.elects) return;
  const auto told = [this](const std::string& revision, std::initializer_list<const char*> reasons) {
    int count = 0;
    for (const auto& entry : store_.all(Kind::events)) {
      const std::string reason = kubernetes::text_or(*entry.second->value, "reason");
      const std::string note = kubernetes::text_or(*entry.second->value, "note");
      for (const char* wanted : reasons)
        count += reason == wanted && note.find(revision) != std::string::npos ? 1 : 0;
    }
    return count;
  };
  for (const std::string& revision : checks_.promoted()) {
    if (told(revision, {"Promoted", "FirstRevisionServes", "StableAdopted"}) < 1)
      return report({"11 every promotion is told", revision});
  }
  for (const std::string& revision : checks_.rolled_back()) {
    if (told(revision, {"RolledBack", "FirstRevisionFailed"}) < 1)
      return report({"11 every rollback is told", revision});
  }
  const StatusTruth& status = checks_.status();
  if (!status.verified_at.empty() &&
      told(status.rollback_from, {"Recovered", "NotRecovered", "RecoveryUndecided"}) < 1)
    return report({"11 every verdict about a rollback is told", status.rollback_from});
}

}  // namespace seraphim::simulation
