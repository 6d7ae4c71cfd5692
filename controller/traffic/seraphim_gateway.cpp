#include "traffic/seraphim_gateway.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kubernetes/keep_written.h"
#include "traffic/canary_percent.h"
#include "traffic/gateway_problems.h"

namespace seraphim::traffic {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::Resource;
using kubernetes::Result;
using rollout::TrafficState;
using rollout::WorkloadState;

const api::SeraphimGatewayTraffic& gateway_settings(const api::SeraphimDeployment& object) {
  return std::get<api::SeraphimGatewayTraffic>(object.spec.traffic);
}

ObjectKey gateway_key(const api::SeraphimDeployment& object) {
  return {object.namespace_, gateway_settings(object).deployment};
}

std::optional<GatewayModel> model_of(const api::Revision& revision) {
  const auto* served = std::get_if<api::TorchServeWorkload>(&revision.workload);
  if (served == nullptr) return std::nullopt;
  return GatewayModel{served->model_name, served->model_version};
}

/// The recorded revision that a slot means. Two revisions may have the same model and version (and another
/// archive): then the one that is expected there, else the newest.
std::string revision_of(const std::vector<api::Revision>& revisions, const GatewayModel& model,
                        const std::vector<std::string>& expected) {
  std::string newest;
  for (const auto& revision : revisions) {
    if (model_of(revision) != model) continue;
    newest = revision.name;
    if (std::find(expected.begin(), expected.end(), newest) != expected.end()) return newest;
  }
  return newest;
}

/// Ready workers of a known revision, as long as a pod of the gateway sends to them. A model that is none of
/// ours is as ready as the gateway.
std::int32_t ready_behind(const std::string& revision, const std::vector<WorkloadState>& workloads,
                          std::int32_t pods) {
  if (revision.empty() || pods == 0) return pods;
  std::int32_t ready = 0;
  for (const auto& state : workloads) {
    if (state.revision == revision) ready += state.ready;
  }
  return ready;
}

/// "nan" is as wrong as can be, therefore reported as what is not wanted.
api::Percent weight_in(const GatewayEnvironment& environment, api::Percent wanted) {
  const auto weight = read_canary_percent(environment.canary_percent);
  return weight.value_or(wanted == api::kEverything ? api::kNothing : api::kEverything);
}

std::string setting_of(const GatewayEnvironment& environment) {
  return environment.baseline.name + "/" + environment.baseline.version + " " + environment.candidate.name +
         "/" + environment.candidate.version;
}

}  // namespace

TrafficState SeraphimGateway::observe(const api::SeraphimDeployment& object,
                                      const std::vector<WorkloadState>& workloads) const {
  TrafficState state;
  const auto revisions = revisions_(object);
  const auto deployment = deployments_.get(gateway_key(object));
  state.problem = gateway_problem(object, deployment.get(), revisions);
  const auto* container =
      deployment == nullptr ? nullptr : gateway_container(*deployment, gateway_settings(object));
  if (container == nullptr) {
    readings_.forget({object.namespace_, object.name});
    return state;
  }
  // Whatever the problem is, a rollback has to know from where.
  const auto environment = read_environment(*container);
  const std::int32_t pods = current_pods(*deployment), outdated = outdated_pods(*deployment);
  const auto slot = [&](const GatewayModel& model, const std::vector<std::string>& expected) {
    const std::string revision = revision_of(revisions, model, expected);
    return rollout::Backend{revision, ready_behind(revision, workloads, pods), outdated,
                            model.name + "/" + model.version};
  };
  const auto& status = object.status;
  state.stable = slot(environment.baseline, {status.stable_revision});
  const bool idle = status.candidate_revision.empty() && status.previous_revision.empty();
  state.candidate = slot(environment.candidate, idle ? std::vector<std::string>{status.stable_revision}
                                                     : std::vector<std::string>{status.candidate_revision,
                                                                                status.previous_revision});
  state.candidate_weight = weight_in(environment, status.weight.desired);
  state.unsettled = unsettled(object, *deployment, environment);
  return state;
}

std::string SeraphimGateway::unsettled(const api::SeraphimDeployment& object,
                                       const GatewayDeployment& deployment,
                                       const GatewayEnvironment& environment) const {
  const ObjectKey key{object.namespace_, object.name};
  const std::int32_t outdated = outdated_pods(deployment);
  if (outdated > 0 || current_pods(deployment) == 0 ||
      deployment.observed_generation < deployment.meta.generation) {
    readings_.forget(key);
    return std::to_string(current_pods(deployment)) + " pods of Deployment " + deployment.meta.key.name +
           " are ready with the present settings, " + std::to_string(outdated) + " still have older ones" +
           (deployment.stuck.empty() ? "" : ": " + deployment.stuck);
  }
  const auto& settings = gateway_settings(object);
  return readings_.unsettled(key, {.deployment = deployment.meta.key,
                                   .uid = deployment.meta.uid,
                                   .selector = deployment.selector,
                                   .port = settings.port,
                                   .canary_percent = environment.canary_percent,
                                   .setting = setting_of(environment),
                                   .settle = settings.settle});
}

Result<TrafficState> SeraphimGateway::confirm(const api::SeraphimDeployment& object,
                                              const std::vector<WorkloadState>& workloads,
                                              const std::stop_token& stop) {
  if (auto fresh = refresh(gateway_key(object), stop); !fresh) return tl::unexpected(fresh.error());
  auto state = observe(object, workloads);
  state.confirmed = true;
  return state;
}

Result<void> SeraphimGateway::refresh(const ObjectKey& key, const std::stop_token& stop) {
  auto read = client_.get(Resource<GatewayDeployment>::type(), key, stop);
  if (read) return kubernetes::keep_written(deployments_, read);
  if (read.error().kind != ApiError::Kind::not_found) return tl::unexpected(read.error());
  if (const auto known = deployments_.get(key)) deployments_.note_deleted(key, known->meta.uid);
  return {};
}

Result<void> SeraphimGateway::point_backend(const api::SeraphimDeployment& object,
                                            const rollout::PointBackend& action,
                                            const std::stop_token& stop) {
  const auto revisions = revisions_(object);
  const auto found = std::find_if(revisions.begin(), revisions.end(),
                                  [&](const auto& revision) { return revision.name == action.revision; });
  const auto model = found == revisions.end() ? std::nullopt : model_of(*found);
  if (!model) {
    return tl::unexpected(
        ApiError{.kind = ApiError::Kind::not_found,
                 .message = "revision " + action.revision + " is not recorded as a model of a TorchServe"});
  }
  return write(
      object,
      [&](GatewayEnvironment& environment) {
        (action.slot == rollout::Slot::stable ? environment.baseline : environment.candidate) = *model;
      },
      stop);
}

Result<void> SeraphimGateway::set_weight(const api::SeraphimDeployment& object,
                                         const rollout::SetWeight& action, const std::stop_token& stop) {
  const auto change = [&](GatewayEnvironment& environment) {
    environment.canary_percent = canary_percent_text(action.weight);
    if (action.weight == api::kNothing) environment.candidate = environment.baseline;
  };
  auto written = write(object, change, stop);
  // Somebody wrote in between. Taking traffic away waits for nothing; a raise is decided anew.
  const bool again =
      !written && written.error().kind == ApiError::Kind::conflict && action.weight == api::kNothing;
  return again ? write(object, change, stop) : written;
}

Result<void> SeraphimGateway::stop_splitting(const api::SeraphimDeployment& object,
                                             const std::stop_token& stop) {
  return write(
      object,
      [](GatewayEnvironment& environment) {
        environment.canary_percent = canary_percent_text(api::kNothing);
      },
      stop);
}

Result<void> SeraphimGateway::ensure_route(const api::SeraphimDeployment&, const rollout::EnsureRoute&,
                                           const std::stop_token&) {
  return {};  // the gateway is its owner's
}

Result<void> SeraphimGateway::write(const api::SeraphimDeployment& object, const Change& change,
                                    const std::stop_token& stop) {
  const ObjectKey key = gateway_key(object);
  const auto deployment = deployments_.get(key);
  const auto* container =
      deployment == nullptr ? nullptr : gateway_container(*deployment, gateway_settings(object));
  if (container == nullptr) {
    return tl::unexpected(
        ApiError{.kind = ApiError::Kind::not_found,
                 .message = "there is no Deployment " + to_string(key) + " with the gateway's container"});
  }
  GatewayEnvironment wanted = read_environment(*container);
  change(wanted);
  const auto index = static_cast<std::size_t>(container - deployment->containers.data());
  const auto patch = environment_patch(*deployment, index, wanted);
  if (patch.empty()) return {};
  auto written = kubernetes::keep_written(
      deployments_, client_.json_patch(Resource<GatewayDeployment>::type(), key, patch, {}, stop));
  if (!written && written.error().kind == ApiError::Kind::conflict) (void)refresh(key, stop);
  return written;
}

}  // namespace seraphim::traffic
