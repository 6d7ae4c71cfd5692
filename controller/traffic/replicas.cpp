#include "traffic/replicas.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kubernetes/child.h"
#include "kubernetes/keep_written.h"
#include "traffic/service_manifest.h"

namespace seraphim::traffic {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::Resource;
using kubernetes::Result;
using nlohmann::json;
using rollout::WorkloadState;

constexpr const char* kStable = "serving.seraphim.io/stable-revision";
constexpr const char* kCandidate = "serving.seraphim.io/candidate-revision";
constexpr const char* kWeight = "serving.seraphim.io/candidate-weight";

ObjectKey key_of(const api::SeraphimDeployment& object) {
  return {object.namespace_, object.name};
}

std::string annotation(const Service& service, const char* name) {
  const auto found = service.meta.annotations.find(name);
  return found == service.meta.annotations.end() ? std::string() : found->second;
}

std::string selected_revision(const Service& service) {
  const auto found = service.selector.find(api::kLabelRevision);
  return found == service.selector.end() ? std::string() : found->second;
}

bool between(api::Percent weight) {
  return weight != api::kNothing && weight != api::kEverything;
}

std::int32_t ready_pods(const std::vector<WorkloadState>& workloads, const std::string& revision) {
  std::int32_t ready = 0;
  for (const auto& state : workloads) {
    if (state.revision == revision) ready += state.ready;
  }
  return ready;
}

/// Pods that a selector of all revisions would send to although they are nobody's.
std::int32_t strangers(const std::vector<WorkloadState>& workloads, const ReplicaSwitch& slots) {
  std::int32_t count = 0;
  for (const auto& state : workloads) {
    if (state.revision != slots.stable && state.revision != slots.candidate)
      count += std::max(state.ready, state.existing);
  }
  return count;
}

api::Percent share_of_pods(const std::vector<WorkloadState>& workloads, const ReplicaSwitch& slots) {
  const std::int32_t candidate = ready_pods(workloads, slots.candidate);
  const std::int32_t all = candidate + ready_pods(workloads, slots.stable);
  return all == 0 ? api::kNothing : api::Percent::from_basis_points(candidate * 10'000 / all);
}

}  // namespace

std::optional<ReplicaSwitch> read_switch(const Service& service) {
  ReplicaSwitch slots{.stable = annotation(service, kStable), .candidate = annotation(service, kCandidate)};
  const auto noted = api::parse_percent(annotation(service, kWeight));
  slots.weight = noted.value_or(api::kNothing);
  const std::string selected = selected_revision(service);
  const bool agrees = between(slots.weight)           ? selected.empty()
                      : slots.weight == api::kNothing ? selected == slots.stable
                                                      : selected == slots.candidate;
  if (!agrees) return std::nullopt;
  return slots;
}

rollout::TrafficState Replicas::observe(const api::SeraphimDeployment& object,
                                        const std::vector<WorkloadState>& workloads) const {
  rollout::TrafficState state;
  const auto service = services_.get(key_of(object));
  if (!service || service->meta.deleting) return state;
  if (!kubernetes::is_child_of(service->meta, object.uid)) {
    state.problem = {"ServiceNotOurs", kubernetes::not_ours("Service", key_of(object)).message};
    return state;
  }
  const ReplicaSwitch slots{.stable = annotation(*service, kStable),
                            .candidate = annotation(*service, kCandidate)};
  if (!slots.stable.empty())
    state.stable = {.revision = slots.stable, .ready = ready_pods(workloads, slots.stable)};
  if (!slots.candidate.empty()) {
    // Between 0 and 100 the selector takes in every pod of the name, so strangers must be gone before.
    state.candidate = {.revision = slots.candidate,
                       .ready = ready_pods(workloads, slots.candidate),
                       .foreign_ready = strangers(workloads, slots)};
  }
  const std::string selected = selected_revision(*service);
  if (const auto agreed = read_switch(*service)) {
    state.candidate_weight = agreed->weight;
  } else if (selected.empty()) {
    state.candidate_weight = share_of_pods(workloads, slots);
  } else if (selected == slots.candidate || selected == slots.stable) {
    state.candidate_weight = selected == slots.candidate ? api::kEverything : api::kNothing;
  } else {
    // Neither slot gets anything: as wrong as can be, so reported as what is not wanted, and put right.
    state.candidate_weight =
        object.status.weight.desired == api::kEverything ? api::kNothing : api::kEverything;
  }
  return state;
}

Result<rollout::TrafficState> Replicas::confirm(const api::SeraphimDeployment& object,
                                                const std::vector<WorkloadState>& workloads,
                                                const std::stop_token& stop) {
  auto read = client_.get(Resource<Service>::type(), key_of(object), stop);
  if (!read && read.error().kind != ApiError::Kind::not_found) return tl::unexpected(read.error());
  if (read) {
    if (auto kept = keep(read); !kept) return tl::unexpected(kept.error());
  } else if (const auto known = services_.get(key_of(object))) {
    services_.note_deleted(key_of(object), known->meta.uid);
  }
  auto state = observe(object, workloads);
  state.confirmed = true;
  return state;
}

Result<void> Replicas::point_backend(const api::SeraphimDeployment& object,
                                     const rollout::PointBackend& action, const std::stop_token& stop) {
  const auto service = services_.get(key_of(object));
  ReplicaSwitch wanted;
  if (service) {
    wanted = read_switch(*service).value_or(ReplicaSwitch{.stable = annotation(*service, kStable),
                                                          .candidate = annotation(*service, kCandidate)});
  }
  (action.slot == rollout::Slot::stable ? wanted.stable : wanted.candidate) = action.revision;
  return write(object, wanted, stop);
}

Result<void> Replicas::set_weight(const api::SeraphimDeployment& object, const rollout::SetWeight& action,
                                  const std::stop_token& stop) {
  return write(object, {.stable = action.stable, .candidate = action.candidate, .weight = action.weight},
               stop);
}

Result<void> Replicas::ensure_route(const api::SeraphimDeployment&, const rollout::EnsureRoute&,
                                    const std::stop_token&) {
  return {};  // there is no route
}

Result<void> Replicas::write(const api::SeraphimDeployment& object, const ReplicaSwitch& wanted,
                             const std::stop_token& stop) {
  const auto& type = Resource<Service>::type();
  const ObjectKey key = key_of(object);
  const std::string selected = between(wanted.weight)           ? std::string()
                               : wanted.weight == api::kNothing ? wanted.stable
                                                                : wanted.candidate;
  json manifest = service_manifest(object, key.name, selected);
  manifest["metadata"]["annotations"] = {{kStable, wanted.stable},
                                         {kCandidate, wanted.candidate},
                                         {kWeight, api::format_percent(wanted.weight)}};
  const auto existing = services_.get(key);
  if (existing && !kubernetes::is_child_of(existing->meta, object.uid)) {
    return tl::unexpected(kubernetes::not_ours(type.kind, key));
  }
  if (!existing) {
    if (auto kept = keep(kubernetes::create_child(client_, type, manifest, object.uid, stop)); !kept)
      return kept;
    const auto made = services_.get(key);
    if (made && read_switch(*made) == wanted) return {};
  }
  return keep(client_.apply(type, key, manifest, true, {}, stop));
}

Result<void> Replicas::keep(const Result<json>& written) {
  return kubernetes::keep_written(services_, written);
}

}  // namespace seraphim::traffic
