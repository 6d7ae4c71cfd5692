// The invariants of the design, seen from the cluster's side. They know what happened, not what decide()
// thought.
#include <algorithm>

#include "rollout/world.h"

namespace seraphim::rollout {

void World::check_action(const Plan& plan, const Action& action) const {
  if (const auto* mark = std::get_if<MarkVerdict>(&action)) {
    const bool ends =
        mark->verdict == api::RevisionVerdict::failed || mark->verdict == api::RevisionVerdict::superseded;
    const bool nobody_else = object.status.stable_revision.empty();
    if (ends && !nobody_else && share(mark->revision) > api::kNothing) {
      broken("3: " + mark->revision + " is judged while it has traffic");
    }
  } else if (const auto* scale = std::get_if<Scale>(&action)) {
    const bool known = std::any_of(revisions.begin(), revisions.end(), [&](const api::Revision& revision) {
      return revision.name == scale->revision;
    });
    if (!known) broken("1: " + scale->revision + " is to run but is not recorded");
    const auto found = pods.find(scale->revision);
    const std::int32_t has = found == pods.end() ? 0 : found->second.desired;
    const bool asked_less = has > replicas();
    if (scale->replicas < has && share(scale->revision) > api::kNothing && !asked_less && !replicas_mode()) {
      broken("5: " + scale->revision + " is scaled down while it holds weight");
    }
    if (scale->replicas < replicas() && scale->revision == plan.status.stable_revision) {
      broken("5: the stable revision gets fewer pods than its traffic needs");
    }
  } else if (const auto* point = std::get_if<PointBackend>(&action)) {
    const auto& service = point->slot == Slot::stable ? stable : candidate;
    const api::Percent all = weight.value_or(api::kNothing);
    const bool promotes = point->slot == Slot::stable && !object.status.stable_revision.empty() &&
                          point->revision == object.status.candidate_revision &&
                          service->revision != point->revision;
    if (promotes && frozen()) broken("2: promoted while frozen");
    const bool has_weight = point->slot == Slot::stable ? all < api::kEverything : all > api::kNothing;
    if (service && has_weight && endpoints(service) > 0 && service->revision != point->revision) {
      broken("4: a backend with weight is moved to another revision");
    }
  } else if (const auto* set = std::get_if<SetWeight>(&action)) {
    check_set_weight(plan, *set);
  } else if (const auto* record = std::get_if<RecordRevision>(&action)) {
    for (const api::Revision& revision : revisions) {
      if (revision.name != record->revision.name && revision.number >= record->revision.number) {
        broken("7: revision numbers do not grow");
      }
    }
  } else if (const auto* gone = std::get_if<DeleteRevision>(&action)) {
    const api::Status& s = object.status;
    if (gone->revision == s.stable_revision || gone->revision == s.previous_revision ||
        gone->revision == s.candidate_revision) {
      broken("7: a revision in use is collected");
    }
    if (gone->revision == revisions.back().name) broken("7: the highest number is forgotten");
    if (revisions.size() <= static_cast<std::size_t>(object.spec.revision_history_limit)) {
      broken("7: a revision within the history limit is collected");
    }
  }
}

bool World::frozen() const {
  const auto words = object.annotations.find(api::kAnnotationOverrideFreeze);
  const bool overridden = words != object.annotations.end() && !words->second.empty();
  return !overridden && !observe(false).freezes.empty();
}

void World::check_set_weight(const Plan& plan, const SetWeight& move) const {
  if (!stable || !candidate) broken("4: weights without backends");
  const bool more_to_candidate = move.weight > weight.value_or(api::kNothing);
  const auto& gains = more_to_candidate ? candidate : stable;
  const auto& loses = more_to_candidate ? stable : candidate;
  const bool loser_lives = endpoints(loses) > 0;
  const bool same = gains->revision == loses->revision;
  // Taking a revision back waits for nothing unless nobody at all would serve.
  const bool may_be_dry = !more_to_candidate && !same && *weight < api::kEverything;
  if (endpoints(gains) == 0 && loser_lives && !may_be_dry && move.weight != weight) {
    broken("4: weight goes to a backend without ready endpoints");
  }
  const std::string& rising = object.status.candidate_revision;
  const bool canary =
      !object.status.stable_revision.empty() && stable->revision == object.status.stable_revision;
  if (!more_to_candidate || rising.empty() || !canary || candidate->revision != rising) return;
  if (move.weight > object.status.weight.desired) broken("2: the route rises above the persisted intent");
  if (object.spec.paused) broken("2: the weight rises while paused");
  if (frozen()) broken("2: the weight rises while frozen");
  if (object.spec.analysis && metrics == Metrics::unavailable) broken("2: the weight rises without data");
  if (object.spec.analysis && metrics == Metrics::suspicious) broken("2: the weight rises under suspicion");
  if (takes_it_away(plan)) broken("3: a failing revision gets more traffic");
}

bool World::takes_it_away(const Plan& plan) {
  return std::any_of(plan.actions.begin(), plan.actions.end(), [](const Action& action) {
    const auto* mark = std::get_if<MarkVerdict>(&action);
    return mark != nullptr && mark->verdict == api::RevisionVerdict::failed;
  });
}

void World::check_after(const std::map<std::string, api::Percent>& before) const {
  const auto ready_pods = [&](const std::string& revision) {
    const auto found = pods.find(revision);
    return found == pods.end() ? 0 : found->second.ready;
  };
  bool another_serves = false;
  for (const auto& [revision, share] : before) another_serves |= ready_pods(revision) > 0;
  for (const auto& [revision, share] : shares()) {
    const auto found = before.find(revision);
    const api::Percent had = found == before.end() ? api::kNothing : found->second;
    if (share <= had || !another_serves) continue;
    if (failed(revision)) broken("1: the failed revision " + revision + " gets traffic");
    const bool back_home = revision == object.status.stable_revision;
    if (ready_pods(revision) == 0 && !back_home)
      broken("1: " + revision + " gets traffic without a ready pod");
  }
}

/// With traffic.replicas: the share that the candidate's pods really make up, in hundredths of a percent.
std::int32_t World::share_by_pods() const {
  if (!replicas_mode() || !weight || !candidate || !stable) return 0;
  if (*weight == api::kNothing || *weight == api::kEverything || stable->revision == candidate->revision)
    return 0;
  const auto asked = [&](const std::string& revision) {
    const auto found = pods.find(revision);
    return found == pods.end() ? 0 : found->second.desired;
  };
  const std::int32_t second = asked(candidate->revision), first = asked(stable->revision);
  return first + second == 0 ? 0 : second * 10000 / (first + second);
}

void World::check_share_by_pods(std::int32_t before) const {
  const bool by_hand = weight.value_or(api::kNothing) > object.status.weight.desired;
  if (by_hand || object.status.candidate_revision.empty() || share_by_pods() <= before) return;
  if (share_by_pods() > object.status.weight.desired.basis_points()) {
    broken("2: the candidate's pods make up more than the step's weight");
  }
}

void World::check_raise(const api::Status& next) const {
  const api::Status& last = object.status;
  if (next.candidate_revision.empty() || next.candidate_revision != last.candidate_revision) {
    if (next.weight.desired > api::kNothing) broken("2: a new candidate starts with weight");
    const bool beside_another = !next.candidate_revision.empty() && !last.stable_revision.empty();
    if (beside_another && frozen()) broken("2: a candidate starts while frozen");
    return;
  }
  if (next.weight.desired <= last.weight.desired) return;
  if (next.step != last.step + 1) broken("2: a step was left out");
  if (object.spec.paused) broken("2: the intent rises while paused");
  if (frozen()) broken("2: the intent rises while frozen");
  if (problem && !caches_lag) broken("2: the intent rises with an unusable route");
  const auto& steps = object.spec.strategy.steps;
  if (last.step > 0) {
    const api::Step& left = steps.at(static_cast<std::size_t>(last.step) - 1);
    if (seconds(seconds_counted_) + kSlack < left.hold) {
      broken("2: step left after " + std::to_string(seconds_counted_) + " s that count");
    }
    if (left.approval && last.approved_step < last.step && next.approved_step < last.step) {
      const auto words = object.annotations.find(api::kAnnotationApprove);
      if (words == object.annotations.end()) broken("2: step left without approval");
    }
  }
  if (!object.spec.analysis) return;
  if (metrics == Metrics::unavailable || metrics == Metrics::suspicious)
    broken("6: raised without good data");
  if (last.step > 0 && metrics != Metrics::fresh && metrics != Metrics::few_requests)
    broken("6: raised blindly");
  if (next.weight.desired == api::kEverything && last.step > 0) {
    const auto look = assessment();
    if (!look || !std::holds_alternative<analysis::Promote>(look->verdict))
      broken("2: promoted without evidence");
  }
}

}  // namespace seraphim::rollout
