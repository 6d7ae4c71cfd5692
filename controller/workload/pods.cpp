#include "workload/pods.h"

#include <nlohmann/json.hpp>

#include "kubernetes/child.h"
#include "kubernetes/keep_written.h"

namespace seraphim::workload {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::Resource;
using kubernetes::Result;
using nlohmann::json;

json labels_of(const api::SeraphimDeployment& object, const std::string& revision) {
  return {{api::kLabelName, object.name}, {api::kLabelRevision, revision}};
}

/// The user's template with the labels that Services select by and Prometheus keeps.
json template_of(const api::SeraphimDeployment& object, const api::Revision& revision,
                 const api::PodsWorkload& pods) {
  json pod = json::parse(pods.pod_template.text, nullptr, false);
  if (!pod.is_object()) pod = json::object();
  if (!pod["metadata"].is_object()) pod["metadata"] = json::object();
  json& labels = pod["metadata"]["labels"];
  if (!labels.is_object()) labels = json::object();
  labels.update(labels_of(object, revision.name));
  return pod;
}

json replica_set_of(const api::SeraphimDeployment& object, const api::Revision& revision,
                    const api::PodsWorkload& pods, std::int32_t replicas) {
  const auto& type = Resource<ReplicaSet>::type();
  return {{"apiVersion", type.api_version()},
          {"kind", type.kind},
          {"metadata",
           {{"name", revision.name},
            {"namespace", object.namespace_},
            {"labels", labels_of(object, revision.name)},
            {"annotations", {{"serving.seraphim.io/revision-number", std::to_string(revision.number)}}},
            {"ownerReferences", json::array({kubernetes::owner_reference(
                                    {api::kApiVersion, api::kKind, object.name, object.uid})})}}},
          {"spec",
           {{"replicas", replicas},
            {"minReadySeconds", pods.min_ready.count()},
            {"selector", {{"matchLabels", labels_of(object, revision.name)}}},
            {"template", template_of(object, revision, pods)}}}};
}

rollout::WorkloadState state_of(const ReplicaSet& set) {
  return {.revision = set.meta.key.name,
          .desired = set.desired,
          .existing = set.existing,
          .ready = set.ready,
          .available = set.available,
          .problem = set.failure};
}

}  // namespace

std::vector<rollout::WorkloadState> Pods::observe(const api::SeraphimDeployment& object) const {
  std::vector<rollout::WorkloadState> states;
  for (const auto& set : replica_sets_.owned_by(object.uid)) {
    if (set->meta.deleting) continue;
    states.push_back(state_of(*set));
    if (set->available < set->desired) states.back().problem = problem_of(*set);
  }
  return states;
}

std::string Pods::problem_of(const ReplicaSet& set) const {
  if (!set.failure.empty()) return set.failure;
  for (const auto& pod : pods_.owned_by(set.meta.uid)) {
    if (!pod->problem.empty()) return "pod " + pod->meta.key.name + ": " + pod->problem;
  }
  return {};
}

Result<void> Pods::scale(const api::SeraphimDeployment& object, const api::Revision& revision,
                         std::int32_t replicas, const std::stop_token& stop) {
  const auto existing = replica_sets_.get({object.namespace_, revision.name});
  if (!existing) return create(object, revision, replicas, stop);
  if (!kubernetes::is_child_of(existing->meta, object.uid)) {
    return tl::unexpected(kubernetes::not_ours("ReplicaSet", existing->meta.key));
  }
  if (existing->desired == replicas) return {};
  return patch_replicas(*existing, replicas, stop);
}

Result<void> Pods::create(const api::SeraphimDeployment& object, const api::Revision& revision,
                          std::int32_t replicas, const std::stop_token& stop) {
  const auto* pods = std::get_if<api::PodsWorkload>(&revision.workload);
  if (pods == nullptr) {
    return tl::unexpected(
        ApiError{.kind = ApiError::Kind::invalid, .message = "revision " + revision.name + " has no pods"});
  }
  const auto& type = Resource<ReplicaSet>::type();
  auto written = kubernetes::create_child(client_, type, replica_set_of(object, revision, *pods, replicas),
                                          object.uid, stop);
  if (auto kept = keep(written); !kept) return kept;
  // It was there already (an earlier try, or a cache that lags): it may have another size.
  const auto set = replica_sets_.get({object.namespace_, revision.name});
  if (set && set->desired != replicas) return patch_replicas(*set, replicas, stop);
  return {};
}

Result<void> Pods::patch_replicas(const ReplicaSet& set, std::int32_t replicas, const std::stop_token& stop) {
  // The uid makes the server refuse when the object was replaced by a namesake.
  const json patch = {{"metadata", {{"uid", set.meta.uid}}}, {"spec", {{"replicas", replicas}}}};
  auto written = client_.merge_patch(Resource<ReplicaSet>::type(), set.meta.key, patch, {}, stop);
  return keep(written);
}

Result<void> Pods::keep(const Result<json>& written) {
  return kubernetes::keep_written(replica_sets_, written);
}

Result<void> Pods::remove(const api::SeraphimDeployment& object, const std::string& revision,
                          const std::stop_token& stop) {
  const ObjectKey key{object.namespace_, revision};
  const auto set = replica_sets_.get(key);
  if (!set || !kubernetes::is_child_of(set->meta, object.uid)) return {};
  auto removed = client_.remove(Resource<ReplicaSet>::type(), key, set->meta.uid, stop);
  if (removed) replica_sets_.note_deleted(key, set->meta.uid);
  return removed;
}

}  // namespace seraphim::workload
