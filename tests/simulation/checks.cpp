#include "simulation/checks.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "kubernetes/json_read.h"

namespace seraphim::simulation {

using kubernetes::int64_or;
using kubernetes::member;
using nlohmann::json;

namespace {

// How far an operator's view of the world may lag behind for good reason: a slow watch, a call that hangs.
constexpr auto kLag = 25s;
constexpr auto kVerification = 30s;      // as the spec has it
constexpr std::size_t kMostWrites = 80;  // in ten seconds
constexpr int kMostRouteWrites = 60;     // for one candidate

std::int64_t replicas_of(const StoredPointer& set) {
  return set ? int64_or(member(*set->value, "spec"), "replicas", 1) : 0;
}

std::string owner_of(const Stored& child) {
  const auto owner = kubernetes::decode_meta(*child.value).controller;
  return owner ? owner->uid : std::string();
}

/// Of the same object: those of a namesake that was deleted stay until the garbage collector comes.
std::vector<StoredPointer> records_beside(const ApiStore& store, const Write& write) {
  const std::string owner = owner_of(write.after ? *write.after : *write.before);
  std::vector<StoredPointer> records;
  for (const auto& entry : store.all(Kind::revisions)) {
    if (entry.first != write.key() && owner_of(*entry.second) == owner) records.push_back(entry.second);
  }
  return records;
}

std::string percent(int share) {
  return std::to_string(share / 100) + "%";
}

}  // namespace

void Checks::require(bool holds, const char* check, const std::string& what) {
  if (!holds) report_({check, what});
}

bool Checks::lately(SimTime at) const {
  return scene_.clock.now - at < kLag;
}

bool Checks::had_available_pods(const std::string& revision) const {
  const PodGroup* group = scene_.cluster.group(revision);
  return group != nullptr && (group->available(scene_.clock.now) > 0 || lately(group->last_available));
}

/// Which may follow the pods late.
bool Checks::router_has_endpoints_of(const std::string& revision) const {
  for (const auto& service : {kStableService, kCandidateService}) {
    if (selected_revision(scene_.store.get(Kind::services, service)) == revision &&
        scene_.cluster.ready_endpoints(service.name) > 0)
      return true;
  }
  return false;
}

bool Checks::failed(const std::string& revision) const {
  return verdict_of(scene_.store.get(Kind::revisions, {"shop", revision})) == "Failed";
}

bool Checks::knows_of_pause(const Write& write) const {
  Process* process = scene_.process(write.author.process);
  const auto known = process == nullptr ? nullptr : process->known(kObject);
  return known && known->object.spec.paused;
}

bool Checks::knows_of_freeze(const Write& write) const {
  Process* process = scene_.process(write.author.process);
  return process != nullptr && process->frozen() && !lately(wall_set_at_);
}

bool Checks::was_blind() const {
  const auto since = scene_.prometheus.blind_since();
  return since && scene_.clock.now - *since > 2 * std::max(scene_.setup.interval * 3, SimTime(15s));
}

std::map<std::string, int> Checks::shares() const {
  std::map<std::string, int> all;
  for (const auto& service : {kStableService, kCandidateService}) {
    const std::string revision = selected_revision(scene_.store.get(Kind::services, service));
    if (!revision.empty()) all[revision] = written_share(scene_.store, revision);
  }
  return all;
}

void Checks::on_write(const Write& write) {
  if (write.kind == Kind::deployments) {
    const StatusTruth last = status_;
    if (write.author.who == Author::Who::op && write.after) {
      on_status(write);
    } else {
      status_ = read_status(write.after);
    }
    if (status_.step != last.step || status_.candidate != last.candidate) step_entered_at_ = scene_.clock.now;
    if (status_.candidate != last.candidate) route_writes_ = 0;
  }
  if (write.author.who == Author::Who::op && write.kind != Kind::leases) {
    if (write.kind == Kind::routes) on_route(write);
    if (write.kind == Kind::revisions) on_revision(write);
    if (write.kind == Kind::replica_sets) on_replica_set(write);
    if (write.kind == Kind::services) on_service(write);
  } else if (write.author.who == Author::Who::person && write.kind != Kind::freezes) {
    person_touched_ = scene_.clock.now;
  }
  if (write.kind == Kind::routes || write.kind == Kind::services) shares_ = shares();
}

// --- The status

void Checks::on_status(const Write& write) {
  const StatusTruth last = status_, next = read_status(write.after);
  status_ = next;
  if (last.uid != next.uid) return;
  if (!next.candidate.empty() && next.candidate == last.candidate && next.started_at == last.started_at) {
    require(next.candidate_requests >= last.candidate_requests, "8 a restart keeps the evidence",
            std::to_string(last.candidate_requests) + " candidate requests became " +
                std::to_string(next.candidate_requests));
  }
  on_raise(last, next, write);
  on_roles(last, next, write);
  on_verification(last, next);
}

void Checks::on_raise(const StatusTruth& last, const StatusTruth& next, const Write& write) {
  if (next.candidate.empty() || next.candidate != last.candidate) {
    require(next.candidate.empty() || next.desired == 0, "2 weight within the step",
            "a new candidate starts with weight");
    return;
  }
  if (next.desired <= last.desired || next.started_at != last.started_at) return;
  require(next.step == last.step + 1 || lately(person_touched_), "2 weight within the step",
          "a step was left out");
  require(!knows_of_pause(write), "2 no raise while paused", "the intent rises while paused");
  require(!knows_of_freeze(write), "2 no raise while frozen", "the intent rises while frozen");
  require(last.step == 0 || !was_blind(), "6 blind is never good", "the intent rises without data");
  require(next.failed != next.candidate, "3 nothing raises a failed revision",
          next.candidate + " failed and rises");
  const auto step = static_cast<std::size_t>(last.step);
  const bool steps_are_known = !steps_edited_ && !lately(person_touched_) && !lately(wall_set_at_) &&
                               scene_.clock.now - wall_set_at_ > 10min;
  if (step < 1 || step > scene_.setup.steps.size() || !steps_are_known) return;
  const auto held = scene_.clock.now - step_entered_at_;
  require(held + 200ms >= scene_.setup.steps[step - 1].hold * 9 / 10, "2 the hold is kept",
          "step " + std::to_string(step) + " was left after " + std::to_string(held.count()) + " ms");
}

void Checks::on_roles(const StatusTruth& last, const StatusTruth& next, const Write& write) {
  if (!next.candidate.empty() && (next.candidate != last.candidate || next.started_at != last.started_at)) {
    ++tally_.rollouts;
    require(!failed(next.candidate), "3 no failed revision is tried again",
            next.candidate + " failed and is a candidate again");
    require(last.stable.empty() || !knows_of_freeze(write), "2 no new candidate while frozen",
            next.candidate + " is started while frozen");
  }
  if (next.stable != last.stable && next.stable == last.candidate) {
    ++tally_.promotions;
    promoted_.insert(next.stable);
    const PodGroup* now = scene_.cluster.group(next.stable);
    const PodGroup* before = scene_.cluster.group(last.stable);
    const bool worse = now != nullptr && now->behaviour == Behaviour::bad && before != nullptr &&
                       (before->behaviour == Behaviour::good || before->behaviour == Behaviour::slow);
    require(!worse, "2 no bad revision is promoted", next.stable + " fails often and was promoted");
  }
  if (next.failed.empty() || next.failed == last.failed) return;
  ++tally_.rollbacks;
  rolled_back_.insert(next.failed);
  const PodGroup* group = scene_.cluster.group(next.failed);
  const bool good =
      group != nullptr && (group->behaviour == Behaviour::good || group->behaviour == Behaviour::slow);
  // A deadline that ends what evidence keeps under suspicion is a matter of the same chance.
  const bool by_chance = next.rollback_reason.starts_with("ErrorRate") ||
                         (next.rollback_reason == "Undecided" && last.reason == "EvidenceSuspicious");
  if (good && by_chance) {
    ++tally_.false_rollbacks;
    excused_.insert(next.failed);
  }
}

/// A verdict about a rollback comes once, and it is good only when the service is.
void Checks::on_verification(const StatusTruth& last, const StatusTruth& next) {
  const bool same = last.rollback_at == next.rollback_at && last.rollback_from == next.rollback_from;
  if (next.verification.empty() || next.verification == "Pending") {
    require(!same || last.verified_at.empty(), "11 a verdict about a rollback comes once",
            "it was " + last.verification + " and is open again");
    return;
  }
  if (same && !last.verified_at.empty()) {
    require(last.verification == next.verification && last.verified_at == next.verified_at,
            "11 a verdict about a rollback comes once", last.verification + " became " + next.verification);
    return;
  }
  ++tally_.verdicts;
  if (next.verification != "Recovered") return;
  ++tally_.recovered;
  const PodGroup* group = scene_.cluster.group(next.rollback_to);
  require(group != nullptr && had_available_pods(next.rollback_to), "6 recovered is true",
          next.rollback_to + " has no available pod");
  const auto failing = scene_.router.failing_since(next.rollback_to);
  require(!failing || lately(*failing + kVerification), "6 recovered is true",
          next.rollback_to + " fails often");
  require(!was_blind(), "6 recovered is true", "nothing was measured lately");
  require(written_share(scene_.store, next.rollback_to) == kAll || lately(person_touched_),
          "6 recovered is true", next.rollback_to + " has not all of the traffic");
}

// --- Traffic

void Checks::on_route(const Write& write) {
  ++route_writes_;
  require(route_writes_ <= kMostRouteWrites, "12 no fight",
          "the route was written " + std::to_string(route_writes_) + " times");
  const RouteTruth before = read_route(write.before), after = read_route(write.after);
  if (!after.exists) return;
  const auto sum = after.stable + after.candidate;
  require(sum == 100 || sum == 10'000 || sum == before.stable + before.candidate, "4 weights sum to 100",
          std::to_string(after.stable) + " and " + std::to_string(after.candidate));
  if (!before.exists) return;
  for (const auto& [revision, share] : shares()) {
    const auto had = shares_.find(revision);
    const int earlier = had == shares_.end() ? 0 : had->second;
    if (share > earlier) on_share_gained(revision, earlier, share);
  }
  if (after.candidate_share() > before.candidate_share()) on_candidate_raised(after.candidate_share(), write);
}

void Checks::on_share_gained(const std::string& revision, int before, int after) {
  bool another_serves = false;
  for (const auto& entry : shares_) {
    if (entry.first == revision || entry.second == 0) continue;
    another_serves |= had_available_pods(entry.first) && router_has_endpoints_of(entry.first);
  }
  const std::string what = revision + " goes from " + percent(before) + " to " + percent(after);
  require(scene_.store.get(Kind::revisions, {"shop", revision}) != nullptr, "1 traffic only when recorded",
          what + " and has no record");
  if (!another_serves) return;
  // While no revision was ever stable, the side of a failed one is where a candidate's weight goes back to.
  const bool gets_the_rest = status_.stable.empty() && before > 0;
  require(!failed(revision) || gets_the_rest, "1 no traffic for a failed revision", what);
  const bool back_home = revision == status_.stable || revision == status_.previous;
  // Also of a ReplicaSet that somebody deleted a moment ago.
  require(back_home || lately(scene_.cluster.last_available(revision)), "1 traffic only when available",
          what + " without a pod that was ever available lately");
}

void Checks::on_candidate_raised(int share, const Write& write) {
  const std::string& candidate = status_.candidate;
  const bool canary = !status_.stable.empty() && !candidate.empty() &&
                      selected_revision(scene_.store.get(Kind::services, kStableService)) == status_.stable &&
                      selected_revision(scene_.store.get(Kind::services, kCandidateService)) == candidate;
  if (!canary) return;
  require(share <= status_.desired, "2 weight within the step",
          candidate + " gets " + percent(share) + " and the step says " + percent(status_.desired));
  require(!knows_of_pause(write), "2 no raise while paused", candidate + " rises while paused");
  require(!knows_of_freeze(write), "2 no raise while frozen", candidate + " rises while frozen");
  require(status_.failed != candidate, "3 nothing raises a failed revision",
          candidate + " was rolled back and rises");
  require(!was_blind() || status_.step <= 1, "6 blind is never good", candidate + " rises without data");
}

void Checks::on_service(const Write& write) {
  if (!write.before || !write.after) return;
  const std::string before = selected_revision(write.before), after = selected_revision(write.after);
  if (before == after || lately(person_touched_)) return;
  const RouteTruth route = read_route(the_route(scene_.store));
  const bool stable = write.key() == kStableService;
  const int weight = stable ? kAll - route.candidate_share() : route.candidate_share();
  const bool first = status_.stable.empty();
  require(weight == 0 || first || !had_available_pods(before), "4 selectors change only without weight",
          write.key().name + " moves from " + before + " to " + after + " while it has " + percent(weight));
}

// --- Revisions and their pods

void Checks::on_revision(const Write& write) {
  if (!write.after) return on_revision_removed(write);
  const std::int64_t number = number_of(write.after);
  if (!write.before) {
    // With two operators the late write of one may meet the other's.
    for (const auto& record : records_beside(scene_.store, write)) {
      require(scene_.setup.elects || number_of(record) < number, "7 numbers grow",
              write.key().name + " is number " + std::to_string(number) + " beside " + record->key.name);
    }
    return;
  }
  require(number == number_of(write.before), "7 no revision is renumbered", write.key().name);
  if (verdict_of(write.after) != "Failed" || verdict_of(write.before) == "Failed") return;
  const int share = written_share(scene_.store, write.key().name);
  require(share == 0 || status_.stable.empty() || lately(person_touched_),
          "3 rollback lowers the weight first",
          write.key().name + " is marked failed while it has " + percent(share));
}

void Checks::on_revision_removed(const Write& write) {
  const std::string& name = write.key().name;
  require(name != status_.stable && name != status_.previous && name != status_.candidate,
          "7 no revision in use is collected", name);
  std::string newest_healthy;
  std::int64_t highest = 0;
  const auto left = records_beside(scene_.store, write);
  for (const auto& record : left) {
    highest = std::max(highest, number_of(record));
    if (verdict_of(record) == "Healthy") newest_healthy = record->key.name;
  }
  require(number_of(write.before) < highest, "7 the highest number stays", name);
  require(verdict_of(write.before) != "Healthy" || !newest_healthy.empty(), "7 somewhere to roll back to",
          name);
  require(static_cast<int>(left.size()) >= scene_.setup.history_limit, "7 the history limit is kept",
          name + " was collected");
}

void Checks::on_replica_set(const Write& write) {
  const std::string& name = write.key().name;
  if (!write.before) {
    // A late write for an object that is gone meanwhile is the garbage collector's.
    const auto owner = kubernetes::decode_meta(*write.after->value).controller;
    const bool recorded = scene_.store.get(Kind::revisions, {"shop", name}) != nullptr;
    require(recorded || !owner || owner->uid != status_.uid, "1 recorded before it runs", name);
    return;
  }
  const std::int64_t before = replicas_of(write.before), after = replicas_of(write.after);
  if (after >= scene_.setup.replicas) return;  // the spec itself asks for less
  if (after >= before || lately(person_touched_)) return;
  const int share = written_share(scene_.store, name);
  // A wall clock that jumps ends the delay, which is there for the router, before its time.
  require(share == 0 && (scene_.router.share(name) <= 0 || lately(wall_set_at_)),
          "5 nothing is scaled down while it holds weight",
          name + " goes from " + std::to_string(before) + " to " + std::to_string(after) + " pods with " +
              percent(share) + " written and " + percent(static_cast<int>(scene_.router.share(name) * kAll)) +
              " applied");
  require(name != status_.stable || after >= scene_.setup.replicas, "5 stable keeps its capacity",
          name + " goes to " + std::to_string(after));
}

void Checks::on_attempt(Kind kind) {
  if (kind == Kind::leases) return;
  ++tally_.writes;
  recent_.push_back(scene_.clock.now);
  while (recent_.front() < scene_.clock.now - 10s) recent_.pop_front();
  require(recent_.size() <= kMostWrites, "10 no churn",
          std::to_string(recent_.size()) + " writes in ten seconds, the last of " + type_of(kind).kind);
}

}  // namespace seraphim::simulation
