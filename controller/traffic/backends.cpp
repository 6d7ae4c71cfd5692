#include "traffic/backends.h"

#include <nlohmann/json.hpp>

#include "kubernetes/child.h"
#include "kubernetes/keep_written.h"
#include "traffic/service_manifest.h"

namespace seraphim::traffic {
namespace {

using kubernetes::ObjectKey;
using kubernetes::Resource;
using kubernetes::Result;
using nlohmann::json;

std::string service_name(const api::SeraphimDeployment& object, rollout::Slot slot) {
  return slot == rollout::Slot::stable ? stable_service(object) : candidate_service(object);
}

/// A ReplicaSet names its pods "<its own name>-<5 characters>", and it is named like its revision.
bool is_pod_of(std::string_view pod, std::string_view revision) {
  constexpr std::size_t kSuffix = 6;
  return pod.size() == revision.size() + kSuffix && pod.starts_with(revision) && pod[revision.size()] == '-';
}

}  // namespace

std::string stable_service(const api::SeraphimDeployment& object) {
  return object.name + "-stable";
}

std::string candidate_service(const api::SeraphimDeployment& object) {
  return object.name + "-candidate";
}

std::optional<rollout::Backend> Backends::observe(const api::SeraphimDeployment& object,
                                                  rollout::Slot slot) const {
  const auto service = services_.get({object.namespace_, service_name(object, slot)});
  if (!service || service->meta.deleting || !kubernetes::is_child_of(service->meta, object.uid))
    return std::nullopt;
  rollout::Backend backend;
  if (const auto label = service->selector.find(api::kLabelRevision); label != service->selector.end()) {
    backend.revision = label->second;
  }
  for (const auto& slice : slices_.owned_by(service->meta.uid)) {
    for (const auto& pod : slice->ready_pods) {
      ++(is_pod_of(pod, backend.revision) ? backend.ready : backend.foreign_ready);
    }
  }
  return backend;
}

Result<void> Backends::point(const api::SeraphimDeployment& object, const rollout::PointBackend& action,
                             const std::stop_token& stop) {
  const auto& type = Resource<Service>::type();
  const ObjectKey key{object.namespace_, service_name(object, action.slot)};
  const json wanted = service_manifest(object, key.name, action.revision);
  const auto existing = services_.get(key);
  if (!existing) {
    auto created = kubernetes::create_child(client_, type, wanted, object.uid, stop);
    if (auto kept = keep(created); !kept) return kept;
    const auto made = services_.get(key);
    if (made && made->selector == wanted["spec"]["selector"]) return {};
  } else if (!kubernetes::is_child_of(existing->meta, object.uid)) {
    return tl::unexpected(kubernetes::not_ours(type.kind, key));
  }
  return keep(client_.apply(type, key, wanted, true, {}, stop));
}

Result<void> Backends::keep(const Result<json>& written) {
  return kubernetes::keep_written(services_, written);
}

}  // namespace seraphim::traffic
