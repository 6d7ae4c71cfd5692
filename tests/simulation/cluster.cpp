#include "simulation/cluster.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/seraphim_deployment.h"
#include "kubernetes/json_read.h"
#include "kubernetes/object_meta.h"

namespace seraphim::simulation {

using kubernetes::member;
using kubernetes::ObjectKey;
using kubernetes::text_or;
using nlohmann::json;

namespace {

constexpr Author kCluster{Author::Who::cluster};
constexpr const char* kSliceSuffix = "-x1";

std::string image_of(const json& set) {
  const json& containers =
      kubernetes::elements(member(member(member(set, "spec"), "template"), "spec"), "containers");
  return containers.empty() ? std::string() : text_or(containers.front(), "image");
}

json child_meta(const ObjectKey& key, const json& labels, const char* kind, const std::string& owner,
                const std::string& uid) {
  return {{"name", key.name},
          {"namespace", key.namespace_},
          {"labels", labels},
          {"ownerReferences",
           json::array({{{"kind", kind}, {"name", owner}, {"uid", uid}, {"controller", true}}})}};
}

}  // namespace

Behaviour behaviour_of(const std::string& image) {
  for (const Behaviour behaviour :
       {Behaviour::bad, Behaviour::late, Behaviour::never, Behaviour::slow, Behaviour::dies}) {
    if (image.starts_with(to_string(behaviour))) return behaviour;
  }
  return Behaviour::good;
}

std::string_view to_string(Behaviour behaviour) {
  switch (behaviour) {
    case Behaviour::good:
      return "good";
    case Behaviour::bad:
      return "bad";
    case Behaviour::late:
      return "late";
    case Behaviour::never:
      return "never";
    case Behaviour::slow:
      return "slow";
    case Behaviour::dies:
      break;
  }
  return "dies";
}

int PodGroup::ready() const {
  return static_cast<int>(std::count_if(pods.begin(), pods.end(), [](const auto& pod) { return pod.ready; }));
}

int PodGroup::available(SimTime now) const {
  return static_cast<int>(std::count_if(pods.begin(), pods.end(), [&](const auto& pod) {
    return pod.ready && pod.ready_at + min_ready <= now;
  }));
}

Cluster::Cluster(ApiStore& store, const WorldClock& clock, Seed seed)
    : store_(store), clock_(clock), chance_(seed, "cluster") {}

SimTime Cluster::due() const {
  SimTime next = collect_at_;
  for (const auto& entry : services_) next = std::min(next, entry.second);
  for (const auto& entry : groups_) {
    const PodGroup& group = entry.second;
    next = std::min({next, group.sync_at, group.dies_at});
    for (const RunningPod& pod : group.pods) {
      if (!pod.ready) {
        next = std::min(next, pod.ready_at);
      } else if (pod.ready_at + group.min_ready > group.looked_at) {
        next = std::min(next, pod.ready_at + group.min_ready);
      }
    }
  }
  return next;
}

void Cluster::act() {
  std::vector<std::string> names;
  for (const auto& entry : groups_) names.push_back(entry.first);
  for (const auto& name : names) {
    const auto found = groups_.find(name);
    if (found != groups_.end()) sync_group(name, found->second);
  }
  std::vector<ObjectKey> services;
  for (auto& [key, at] : services_) {
    if (at > clock_.now) continue;
    at = kNever;
    services.push_back(key);
  }
  for (const auto& key : services) sync_service(key);
  if (collect_at_ <= clock_.now) collect();
}

/// A late write made a child of an object that is gone: the garbage collector sees that without another
/// deletion.
bool Cluster::is_orphan(const Write& write) const {
  if (write.before || !write.after || write.author.who != Author::Who::op) return false;
  const auto owner = kubernetes::decode_meta(*write.after->value).controller;
  if (!owner) return false;
  const auto object = store_.get(Kind::deployments, {write.key().namespace_, owner->name});
  return !object || kubernetes::decode_meta(*object->value).uid != owner->uid;
}

void Cluster::on_write(const Write& write) {
  if (write.author.who == Author::Who::cluster && write.kind != Kind::services) return;
  const ObjectKey& key = write.key();
  if (!write.after || is_orphan(write))
    collect_at_ = std::min(collect_at_, clock_.now + chance_.between(50ms, 2s));
  if (write.kind == Kind::services) {
    if (write.after) {
      services_[key] = clock_.now + chance_.between(50ms, 400ms) + endpoint_lag_;
    } else {
      services_.erase(key);
    }
  } else if (write.kind == Kind::replica_sets && write.after) {
    groups_[key.name].sync_at = clock_.now + chance_.between(10ms, 300ms);
  } else if (write.kind == Kind::replica_sets) {
    lose_group(key.name);
  }
}

void Cluster::lose_group(const std::string& revision) {
  const auto found = groups_.find(revision);
  if (found == groups_.end()) return;
  note_available(found->second);
  lost_available_[revision] = found->second.last_available;
  for (const RunningPod& pod : found->second.pods) lose(pod);
  groups_.erase(found);
  touch_endpoints();
}

SimTime Cluster::last_available(const std::string& revision) const {
  const auto lost = lost_available_.find(revision);
  const SimTime before = lost == lost_available_.end() ? SimTime(-24h) : lost->second;
  const PodGroup* now = group(revision);
  if (now == nullptr) return before;
  return now->available(clock_.now) > 0 ? clock_.now : std::max(before, now->last_available);
}

const PodGroup* Cluster::group(const std::string& revision) const {
  const auto found = groups_.find(revision);
  return found == groups_.end() ? nullptr : &found->second;
}

// --- ReplicaSets and their pods

void Cluster::sync_group(const std::string& name, PodGroup& group) {
  if (group.sync_at <= clock_.now) {
    group.sync_at = kNever;
    const auto set = store_.get(Kind::replica_sets, {"shop", name});
    if (!set) return;
    const json& spec = (*set->value)["spec"];
    group.uid = (*set->value)["metadata"]["uid"];
    group.revision = name;
    group.behaviour = behaviour_of(image_of(*set->value));
    group.min_ready = std::chrono::seconds(kubernetes::int64_or(spec, "minReadySeconds", 0));
    resize(group, static_cast<std::size_t>(kubernetes::int32_or(spec, "replicas", 1)));
  }
  settle(group);
  group.looked_at = clock_.now;
  write_status(name, group);
}

SimTime Cluster::start_time(const PodGroup& group) {
  if (group.behaviour == Behaviour::never) return kNever;
  const bool slow = group.behaviour == Behaviour::slow;
  return clock_.now + (slow ? chance_.between(8s, 25s) : chance_.between(300ms, 4s));
}

void Cluster::resize(PodGroup& group, std::size_t wanted) {
  note_available(group);
  while (group.pods.size() > wanted) {
    lose(group.pods.back());
    if (group.pods.back().ready) touch_endpoints();
    group.pods.pop_back();
  }
  while (group.pods.size() < wanted) {
    std::string suffix = std::to_string(10000 + ++names_ % 90000);
    group.pods.push_back({group.revision + "-" + suffix, clock_.now, start_time(group), false});
    if (group.behaviour == Behaviour::never) show_pod(group, group.pods.back());
  }
}

void Cluster::note_available(PodGroup& group) const {
  if (group.available(clock_.now) > 0) group.last_available = clock_.now;
}

void Cluster::settle(PodGroup& group) {
  note_available(group);
  if (group.dies_at <= clock_.now) {
    group.dies_at = kNever;
    for (RunningPod& pod : group.pods) {
      lose(pod);
      pod.ready = false;
      pod.ready_at = kNever;
    }
    group.behaviour = Behaviour::never;
    touch_endpoints();
  }
  for (RunningPod& pod : group.pods) {
    if (pod.ready || pod.ready_at > clock_.now) continue;
    pod.ready = true;
    touch_endpoints();
    if (group.behaviour == Behaviour::dies && group.dies_at == kNever)
      group.dies_at = clock_.now + chance_.between(5s, 60s);
  }
}

void Cluster::write_status(const std::string& name, PodGroup& group) {
  const auto set = store_.get(Kind::replica_sets, {"shop", name});
  if (!set) return;
  const json status = {{"replicas", group.pods.size()},
                       {"readyReplicas", group.ready()},
                       {"availableReplicas", group.available(clock_.now)},
                       {"observedGeneration", (*set->value)["metadata"]["generation"]}};
  if (member(*set->value, "status") == status) return;
  json changed = *set->value;
  changed["status"] = status;
  store_.update(Kind::replica_sets, set, std::move(changed), "status", kCluster);
}

void Cluster::show_pod(const PodGroup& group, const RunningPod& pod) {
  const auto set = store_.get(Kind::replica_sets, {"shop", group.revision});
  const ObjectKey key{"shop", pod.name};
  json object = {
      {"metadata",
       child_meta(key, (*set->value)["metadata"]["labels"], "ReplicaSet", group.revision, group.uid)},
      {"status",
       {{"containerStatuses",
         json::array({{{"name", "model"}, {"state", {{"waiting", {{"reason", "CrashLoopBackOff"}}}}}}})}}}};
  store_.create(Kind::pods, std::move(object), kCluster);
}

void Cluster::lose(const RunningPod& pod) {
  store_.remove(Kind::pods, {"shop", pod.name}, kCluster);
  if (pod_lost_) pod_lost_(pod.name);
}

void Cluster::crash_pods(const std::string& revision, bool all) {
  const auto found = groups_.find(revision);
  if (found == groups_.end()) return;
  note_available(found->second);
  for (RunningPod& pod : found->second.pods) {
    if (!pod.ready) continue;
    if (pod_lost_) pod_lost_(pod.name);
    pod.ready = false;
    pod.ready_at = clock_.now + chance_.between(500ms, 8s);
    if (!all) break;
  }
  touch_endpoints();
}

// --- Endpoints

void Cluster::touch_endpoints() {
  for (auto& entry : services_) {
    entry.second = std::min(entry.second, clock_.now + chance_.between(20ms, 300ms) + endpoint_lag_);
  }
}

void Cluster::sync_service(const ObjectKey& key) {
  const auto service = store_.get(Kind::services, key);
  if (!service) return;
  const std::string revision =
      text_or(member(member(*service->value, "spec"), "selector"), api::kLabelRevision);
  json endpoints = json::array();
  for (const auto& [name, group] : groups_) {
    if (!revision.empty() && name != revision) continue;
    for (const RunningPod& pod : group.pods) {
      if (!pod.ready) continue;
      endpoints.push_back(
          {{"conditions", {{"ready", true}}}, {"targetRef", {{"kind", "Pod"}, {"name", pod.name}}}});
    }
  }
  const ObjectKey slice_key{key.namespace_, key.name + kSliceSuffix};
  auto slice = store_.get(Kind::slices, slice_key);
  const auto owner = slice ? kubernetes::decode_meta(*slice->value).controller : std::nullopt;
  if (owner && owner->uid != (*service->value)["metadata"]["uid"]) {
    store_.remove(Kind::slices, slice_key, kCluster);  // of an earlier Service of this name
    slice = nullptr;
  }
  if (!slice) {
    const json& meta = (*service->value)["metadata"];
    json object = {
        {"metadata", child_meta(slice_key, member(meta, "labels"), "Service", key.name, meta["uid"])},
        {"endpoints", endpoints}};
    store_.create(Kind::slices, std::move(object), kCluster);
    return;
  }
  json changed = *slice->value;
  changed["endpoints"] = endpoints;
  store_.update(Kind::slices, slice, std::move(changed), {}, kCluster);
}

std::vector<std::string> Cluster::endpoints(const std::string& service) const {
  std::vector<std::string> pods;
  const auto slice = store_.get(Kind::slices, {"shop", service + kSliceSuffix});
  if (!slice || !store_.get(Kind::services, {"shop", service})) return pods;
  for (const json& endpoint : kubernetes::elements(*slice->value, "endpoints")) {
    const std::string name = endpoint["targetRef"]["name"];
    const auto group = groups_.find(name.substr(0, name.rfind('-')));
    if (group == groups_.end()) continue;
    for (const RunningPod& pod : group->second.pods) {
      if (pod.name == name && pod.ready) pods.push_back(name);
    }
  }
  return pods;
}

int Cluster::ready_endpoints(const std::string& service) const {
  return static_cast<int>(endpoints(service).size());
}

// --- The garbage collector

void Cluster::collect() {
  collect_at_ = kNever;
  std::set<std::string> alive;
  for (std::size_t i = 0; i < kKinds; ++i) {
    for (const auto& entry : store_.all(static_cast<Kind>(i)))
      alive.insert(text_or((*entry.second->value)["metadata"], "uid"));
  }
  for (const Kind kind :
       {Kind::revisions, Kind::replica_sets, Kind::services, Kind::slices, Kind::routes, Kind::pods}) {
    std::vector<ObjectKey> orphans;
    for (const auto& entry : store_.all(kind)) {
      const auto controller = kubernetes::decode_meta(*entry.second->value).controller;
      if (controller && !alive.contains(controller->uid)) orphans.push_back(entry.first);
    }
    for (const ObjectKey& key : orphans) {
      store_.remove(kind, key, {Author::Who::cluster});
      collect_at_ = clock_.now + 200ms;  // what hung on it is next
      if (kind == Kind::replica_sets) lose_group(key.name);
    }
  }
}

}  // namespace seraphim::simulation
