#include "operator/reconciler.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "operator/freezes.h"
#include "operator/unsupported.h"
#include "rollout/decide.h"
#include "rollout/pass_record.h"

namespace seraphim::op {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::ReconcileAgain;
using kubernetes::ReconcileDone;
using kubernetes::ReconcileOutcome;
using kubernetes::Resource;
using kubernetes::Result;
using Json = nlohmann::json;

// A pass sees its own writes, so a story runs on at once where nothing has to be waited for. The bound only
// guards against a plan that never comes to rest; the queue then goes on with it, fairly.
constexpr int kMaxPasses = 10;

// A kind that nobody needed before is being listed for the first time.
constexpr std::chrono::milliseconds kListSoon{200};

/// Trying the same again is of no use before somebody changes something.
bool is_refusal(const ApiError& error) {
  return error.kind == ApiError::Kind::invalid || error.kind == ApiError::Kind::forbidden;
}

}  // namespace

Reconciler::Reconciler(Parts parts)
    : parts_(std::move(parts)),
      adapters_(parts_.view, parts_.client, parts_.torch_serves, parts_.clock),
      performer_(parts_.view.revisions, parts_.client),
      freezes_(parts_.view, parts_.client, parts_.clock, parts_.log) {}

ReconcileOutcome Reconciler::reconcile(const ObjectKey& key, const std::stop_token& stop) {
  if (const auto freeze = freeze_of_queue_key(key)) return freezes_.reconcile(*freeze, stop);
  for (int passes = 0; passes < kMaxPasses; ++passes) {
    const auto deployment = parts_.view.deployments.get(key);
    if (!deployment) {
      parts_.collector.forget(key);
      return ReconcileDone{};
    }
    const Pass result = pass(*deployment, stop);
    if (result.failure) {
      return ReconcileAgain{.why = result.failure->message,
                            .at_least = result.failure->retry_after.value_or(std::chrono::milliseconds{0})};
    }
    if (result.quiet) return ReconcileDone{.look_again = result.look_again};
  }
  return ReconcileDone{.look_again = std::chrono::milliseconds{100}};
}

Reconciler::Pass Reconciler::pass(const DeploymentObject& deployment, const std::stop_token& stop) {
  rollout::Observation observation;
  observation.object = deployment.object;
  observation.now = parts_.clock.wall();
  auto& object = observation.object;
  if (object.deleting) {
    parts_.collector.forget(deployment.meta.key);
    return {.quiet = true};
  }
  auto* workload = adapters_.workload_for(object.spec);
  auto* traffic = adapters_.traffic_for(object.spec);
  if (object.problems.empty() && traffic == nullptr) {
    object.problems.push_back(unsupported());
  }
  if (!workload->knows(object)) return {.quiet = true};
  if (traffic != nullptr && !traffic->knows_enough()) return {.quiet = true, .look_again = kListSoon};

  observation.revisions = recorded_revisions(parts_.view.revisions, object);
  observation.workloads = workload->observe(object);
  add_scale_problems(observation);
  if (traffic != nullptr) observation.traffic = traffic->observe(object, observation.workloads);
  const auto assessed = assess_now(object, observation.revisions, parts_.collector, observation.now);
  if (assessed) observation.assessment = assessed->assessment;
  observation.recovery = verify_now(object, observation.revisions, parts_.collector, observation.now);
  auto freezes = freezes_of(parts_.view.freezes, deployment, observation.now);
  observation.freezes = std::move(freezes.in_force);
  observation.freezes_change_at = freezes.change_at;

  auto plan = traffic != nullptr ? plan_for(observation, *traffic, stop) : rollout::decide(observation);
  if (!plan) return {.failure = plan.error()};
  if (!plan->status.stable_revision.empty()) workload->serve_by_default(object, plan->status.stable_revision);
  const bool changed = plan->status != object.status;
  if (plan->actions.empty() && !changed && plan->story.empty())
    return {.quiet = true, .look_again = plan->look_again};

  bool writable = true;
  std::optional<ApiError> failure;
  if (traffic != nullptr) failure = act(observation, *plan, *workload, *traffic, stop, writable);
  if (failure && !writable) return {.failure = failure};
  for (const auto& narrative : plan->story) tell(deployment, narrative);
  if (changed) {
    if (auto written = write_status(deployment, plan->status, stop); !written)
      return {.failure = written.error()};
  }
  log_look(observation, assessed, *plan);
  return {.failure = failure};
}

void Reconciler::log_look(const rollout::Observation& observation, const std::optional<Assessed>& assessed,
                          const rollout::Plan& plan) {
  if (!parts_.log.should_log(spdlog::level::debug)) return;
  const auto record = rollout::record_of(observation, assessed ? &assessed->answers : nullptr, plan);
  if (record) parts_.log.debug("{}", rollout::to_line(*record));
}

Result<rollout::Plan> Reconciler::plan_for(rollout::Observation& observation,
                                           traffic::TrafficAdapter& traffic, const std::stop_token& stop) {
  auto plan = rollout::decide(observation);
  if (!plan.confirm_traffic || observation.traffic.confirmed) return plan;
  auto confirmed = traffic.confirm(observation.object, observation.workloads, stop);
  if (!confirmed) return tl::unexpected(confirmed.error());
  observation.traffic = std::move(*confirmed);
  return rollout::decide(observation);
}

std::optional<ApiError> Reconciler::act(const rollout::Observation& observation, const rollout::Plan& plan,
                                        workload::WorkloadAdapter& workload, traffic::TrafficAdapter& traffic,
                                        const std::stop_token& stop, bool& write_status) {
  if (!plan.actions.empty()) {
    parts_.log.debug("{}/{}: decided: {}", observation.object.namespace_, observation.object.name,
                     describe(plan.actions));
  }
  std::optional<ApiError> refused;
  bool owner_is_there = false;
  for (const auto& action : plan.actions) {
    if (!owner_is_there && creates_child(observation, action)) {
      if (auto there = require_owner(observation.object, stop); !there) {
        write_status = false;
        return there.error();
      }
      owner_is_there = true;
    }
    const auto done = performer_.perform(observation, action, workload, traffic, stop);
    parts_.log.debug("{}/{}: {}{}{}", observation.object.namespace_, observation.object.name,
                     describe(action), done ? "" : ": ", done ? "" : done.error().message);
    const auto* scale = std::get_if<rollout::Scale>(&action);
    if (scale != nullptr) {
      const bool lasting = !done && is_refusal(done.error());
      note_scale_problem(observation.object.uid, scale->revision,
                         lasting ? done.error().message : std::string());
    }
    if (done && parts_.on_action) parts_.on_action(action);
    if (done) continue;
    tell_failure(observation, action, done.error());
    // Pods that the API server refuses must not keep the deadline from being counted, nor traffic from
    // moving: no move of traffic relies on pods that it has not seen.
    if (scale != nullptr && is_refusal(done.error())) {
      refused = done.error();
      continue;
    }
    write_status = false;
    return done.error();
  }
  return refused;
}

Result<void> Reconciler::require_owner(const api::SeraphimDeployment& object, const std::stop_token& stop) {
  auto& known = parts_.view.deployments;
  const auto& type = Resource<DeploymentObject>::type();
  const ObjectKey key{object.namespace_, object.name};
  const auto read = parts_.client.get(type, key, stop);
  if (!read) {
    if (read.error().kind == ApiError::Kind::not_found) known.note_deleted(key, object.uid);
    return tl::unexpected(read.error());
  }
  auto owner = Resource<DeploymentObject>::decode(*read);
  if (owner && owner->meta.uid == object.uid && !owner->meta.deleting) return {};
  if (owner) known.note_written(std::move(*owner));
  return tl::unexpected(
      ApiError{.kind = ApiError::Kind::conflict,
               .message = type.kind + " " + to_string(key) + " is being deleted or was made anew"});
}

Result<void> Reconciler::write_status(const DeploymentObject& deployment, const api::Status& status,
                                      const std::stop_token& stop) {
  // The version in the patch is the lock: nobody's change in between is overwritten unseen.
  const Json patch = Json::array(
      {{{"op", "add"}, {"path", "/metadata/resourceVersion"}, {"value", deployment.meta.resource_version}},
       {{"op", "add"}, {"path", "/status"}, {"value", api::encode_status(status)}}});
  auto written = parts_.client.json_patch(Resource<DeploymentObject>::type(), deployment.meta.key, patch,
                                          "status", stop);
  if (!written) return tl::unexpected(written.error());
  auto decoded = Resource<DeploymentObject>::decode(*written);
  if (decoded) parts_.view.deployments.note_written(std::move(*decoded));
  if (parts_.on_status) parts_.on_status(deployment.object, status);
  return {};
}

void Reconciler::tell(const DeploymentObject& deployment, const rollout::Narrative& narrative) {
  const bool warning = narrative.kind == rollout::Narrative::Kind::warning;
  parts_.log.log(warning ? spdlog::level::warn : spdlog::level::info, "{}: {}: {}",
                 to_string(deployment.meta.key), narrative.reason, narrative.message);
  parts_.events.record(
      {.type = warning ? kubernetes::EventNote::Type::warning : kubernetes::EventNote::Type::normal,
       .regarding = {.api_version = api::kApiVersion,
                     .kind = api::kKind,
                     .uid = deployment.meta.uid,
                     .resource_version = deployment.meta.resource_version,
                     .key = deployment.meta.key},
       .reason = narrative.reason,
       .action = narrative.action,
       .note = narrative.message,
       .discriminator = narrative.discriminator},
      parts_.clock.wall());
  if (parts_.on_story) parts_.on_story(deployment.meta.key, narrative);
}

void Reconciler::tell_failure(const rollout::Observation& observation, const rollout::Action& action,
                              const ApiError& error) {
  const ObjectKey key{observation.object.namespace_, observation.object.name};
  // Conflicts and an API server that is away pass by themselves; the queue logs them.
  if (!is_refusal(error)) return;
  parts_.events.record({.type = kubernetes::EventNote::Type::warning,
                        .regarding = {.api_version = api::kApiVersion,
                                      .kind = api::kKind,
                                      .uid = observation.object.uid,
                                      .resource_version = observation.object.resource_version,
                                      .key = key},
                        .reason = "ActionRefused",
                        .action = "Act",
                        .note = "could not " + describe(action) + ": " + error.message,
                        .discriminator = describe(action) + error.message},
                       parts_.clock.wall());
}

void Reconciler::add_scale_problems(rollout::Observation& observation) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [about, problem] : scale_problems_) {
    if (about.first != observation.object.uid) continue;
    const auto known =
        std::find_if(observation.workloads.begin(), observation.workloads.end(),
                     [&revision = about.second](const auto& state) { return state.revision == revision; });
    if (known != observation.workloads.end()) {
      known->problem = problem;
    } else {
      rollout::WorkloadState absent;
      absent.revision = about.second;
      absent.problem = problem;
      observation.workloads.push_back(std::move(absent));
    }
  }
}

void Reconciler::note_scale_problem(const std::string& uid, const std::string& revision,
                                    const std::string& problem) {
  const std::lock_guard lock(mutex_);
  if (problem.empty()) {
    scale_problems_.erase({uid, revision});
  } else {
    scale_problems_[{uid, revision}] = problem;
  }
}

}  // namespace seraphim::op
