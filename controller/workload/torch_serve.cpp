#include "workload/torch_serve.h"

#include <algorithm>
#include <optional>

namespace seraphim::workload {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::Result;

constexpr std::chrono::minutes kContestWindow{10};

ObjectKey key_of(const api::SeraphimDeployment& object) {
  return {object.namespace_, object.name};
}

std::string address_of(const api::TorchServeWorkload& workload) {
  std::string address = workload.management_url;
  while (address.ends_with('/')) address.pop_back();
  return address;
}

/// A server is spoken to as the spec says now, whatever the spec said when the revision was recorded.
ServerKey server_of(const api::TorchServeWorkload& workload, const api::SeraphimDeployment& object) {
  ServerKey server{address_of(workload)};
  const auto* now = std::get_if<api::TorchServeWorkload>(&object.spec.workload);
  const bool is_named_now = now != nullptr && address_of(*now) == server.address;
  const auto& secret = is_named_now ? now->token_secret : workload.token_secret;
  if (secret) server.token = {object.namespace_, secret->name, secret->key, secret->over_plain_http};
  return server;
}

std::optional<VersionKey> version_of(const api::Workload& workload, const api::SeraphimDeployment& object) {
  const auto* model = std::get_if<api::TorchServeWorkload>(&workload);
  if (model == nullptr) return std::nullopt;
  return VersionKey{
      {server_of(*model, object), model->model_name}, model->model_version, model->model_archive_url};
}

/// All that an object runs, or is about to.
TorchServeWatch::Models models_of(const api::SeraphimDeployment& object,
                                  const std::vector<api::Revision>& revisions) {
  TorchServeWatch::Models models;
  const auto add = [&](const api::Workload& workload) {
    const auto version = version_of(workload, object);
    // A spec with problems may lack them.
    if (version && !version->on.server.address.empty() && !version->on.model.empty())
      models[version->on].insert(version->version);
  };
  add(object.spec.workload);
  for (const auto& revision : revisions) add(revision.workload);
  return models;
}

std::string workers_problem(const ModelVersion& version) {
  std::string others;
  for (const auto& worker : version.workers) {
    if (worker.status != "READY")
      others += (others.empty() ? "; " : ", ") + worker.id + " is " + worker.status;
  }
  return std::to_string(version.ready()) + " of " + std::to_string(version.min_workers) +
         " workers are READY" + others;
}

rollout::WorkloadState state_of(const std::string& revision, const ModelState& known,
                                const ModelVersion& version) {
  rollout::WorkloadState state;
  state.revision = revision;
  state.desired = version.min_workers;
  state.existing = static_cast<std::int32_t>(version.workers.size());
  if (known.current) {
    state.ready = state.available = version.ready();
    if (state.ready < state.desired) state.problem = workers_problem(version);
  } else {
    state.problem = known.problem;
  }
  return state;
}

}  // namespace

bool TorchServe::knows(const api::SeraphimDeployment& object) const {
  const auto models = models_of(object, recorded_(object));
  watch_.watch(key_of(object), models);
  return std::all_of(models.begin(), models.end(),
                     [&](const auto& model) { return watch_.latest(model.first).has_value(); });
}

std::vector<rollout::WorkloadState> TorchServe::observe(const api::SeraphimDeployment& object) const {
  const auto revisions = recorded_(object);
  watch_.watch(key_of(object), models_of(object, revisions));
  std::vector<rollout::WorkloadState> states;
  for (const auto& revision : revisions) {
    const auto key = version_of(revision.workload, object);
    if (!key) continue;
    orders_.forget_other_tokens(key_of(object), *key);
    const auto known = watch_.latest(key->on);
    const auto* version = known ? known->find(key->version) : nullptr;
    const bool ours = version != nullptr && version->url == key->url;
    rollout::WorkloadState state;
    state.revision = revision.name;
    if (ours) state = state_of(revision.name, *known, *version);
    const auto placed = orders_.about(*key);
    const auto* wanted = placed ? std::get_if<HaveWorkers>(&placed->order.goal) : nullptr;
    if (wanted != nullptr) {
      state.desired = wanted->count;
      if (!placed->problem.empty()) state.problem = placed->problem;
    }
    if (ours || wanted != nullptr) states.push_back(std::move(state));
  }
  return states;
}

Result<void> TorchServe::scale(const api::SeraphimDeployment& object, const api::Revision& revision,
                               std::int32_t replicas, const std::stop_token&) {
  const auto key = version_of(revision.workload, object);
  if (!key) {
    return tl::unexpected(ApiError{.kind = ApiError::Kind::invalid,
                                   .message = "revision " + revision.name +
                                              " is no model version: it was recorded with another kind of "
                                              "spec.workload and cannot run any more"});
  }
  orders_.place({key_of(object), *key, HaveWorkers{replicas}});
  return {};
}

const api::Revision* TorchServe::find(const std::vector<api::Revision>& revisions,
                                      const std::string& name) const {
  const auto found = std::find_if(revisions.begin(), revisions.end(),
                                  [&](const auto& revision) { return revision.name == name; });
  return found == revisions.end() ? nullptr : &*found;
}

Result<void> TorchServe::remove(const api::SeraphimDeployment& object, const std::string& revision,
                                const std::stop_token&) {
  const auto revisions = recorded_(object);
  const auto* record = find(revisions, revision);
  const auto key = record != nullptr ? version_of(record->workload, object) : std::nullopt;
  if (!key) return {};
  const auto* stable = find(revisions, object.status.stable_revision);
  const auto heir = stable != nullptr ? version_of(stable->workload, object) : std::nullopt;
  orders_.place({key_of(object), *key, BeGone{heir && heir->on == key->on ? heir->version : std::string()}});
  return {};
}

void TorchServe::serve_by_default(const api::SeraphimDeployment& object, const std::string& revision) {
  const auto revisions = recorded_(object);
  const auto* record = find(revisions, revision);
  const auto key = record != nullptr ? version_of(record->workload, object) : std::nullopt;
  const auto known = key ? watch_.latest(key->on) : std::nullopt;
  if (!known || !known->current || known->default_version == key->version) return;
  const auto* version = known->find(key->version);
  if (version == nullptr || version->url != key->url || orders_.is_to_be_default(*key)) return;
  {
    const std::lock_guard lock(mutex_);
    auto& [last, when] = made_default_[key->on];
    if (last == key->version && clock_.steady() - when < kContestWindow) return;
    last = key->version;
    when = clock_.steady();
  }
  orders_.place({key_of(object), *key, BeDefault{}});
}

}  // namespace seraphim::workload
