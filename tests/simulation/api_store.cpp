#include "simulation/api_store.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "api/seraphim_deployment.h"
#include "kubernetes/event_codec.h"
#include "kubernetes/json_read.h"
#include "kubernetes/lease.h"
#include "operator/cluster_view.h"

namespace seraphim::simulation {

using kubernetes::ObjectKey;
using kubernetes::Resource;
using nlohmann::json;

const kubernetes::ResourceType& type_of(Kind kind) {
  switch (kind) {
    case Kind::deployments:
      return Resource<op::DeploymentObject>::type();
    case Kind::revisions:
      return Resource<op::ControllerRevision>::type();
    case Kind::replica_sets:
      return Resource<workload::ReplicaSet>::type();
    case Kind::pods:
      return Resource<workload::Pod>::type();
    case Kind::services:
      return Resource<traffic::Service>::type();
    case Kind::slices:
      return Resource<traffic::EndpointSlice>::type();
    case Kind::routes:
      return Resource<traffic::HttpRoute>::type();
    case Kind::leases:
      return kubernetes::lease_type();
    case Kind::events:
      return kubernetes::event_type();
    case Kind::freezes:
      break;
  }
  return Resource<op::FreezeObject>::type();
}

Kind kind_of(std::string_view plural) {
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (type_of(static_cast<Kind>(i)).plural == plural) return static_cast<Kind>(i);
  }
  throw std::out_of_range("there is no kind " + std::string(plural));
}

StoredPointer ApiStore::get(Kind kind, const ObjectKey& key) const {
  const auto found = objects_[index(kind)].find(key);
  return found == objects_[index(kind)].end() ? nullptr : found->second;
}

const std::map<ObjectKey, StoredPointer>& ApiStore::all(Kind kind) const {
  return objects_[index(kind)];
}

StoredPointer ApiStore::store(json object) {
  json& meta = object["metadata"];
  meta["resourceVersion"] = std::to_string(++version_);
  auto stored = std::make_shared<Stored>();
  stored->key = {kubernetes::text_or(meta, "namespace"), kubernetes::text_or(meta, "name")};
  stored->version = version_;
  stored->labelled = kubernetes::member(meta, "labels").contains(api::kLabelName);
  stored->text = std::make_shared<const std::string>(object.dump());
  stored->value = std::make_shared<const json>(std::move(object));
  return stored;
}

void ApiStore::note(Kind kind, HistoryEntry::Type type, const StoredPointer& object, bool was_labelled) {
  histories_[index(kind)].entries.push_back(
      {type, object->text, object->version, object->labelled, was_labelled, clock_.now});
}

StoredPointer ApiStore::create(Kind kind, json object, const Author& author) {
  json& meta = object["metadata"];
  meta["uid"] = "uid-" + std::to_string(++uids_);
  meta["generation"] = 1;
  auto stored = store(std::move(object));
  objects_[index(kind)][stored->key] = stored;
  note(kind, HistoryEntry::Type::added, stored, false);
  if (handler_) handler_({kind, author, {}, nullptr, stored});
  return stored;
}

StoredPointer ApiStore::update(Kind kind, const StoredPointer& before, json object,
                               std::string_view subresource, const Author& author) {
  const json& old = *before->value;
  json& meta = object["metadata"];
  meta["resourceVersion"] = kubernetes::text_or(old["metadata"], "resourceVersion");
  if (object == old) return before;
  if (kubernetes::member(object, "spec") != kubernetes::member(old, "spec")) {
    meta["generation"] = kubernetes::int64_or(meta, "generation", 0) + 1;
  }
  auto stored = store(std::move(object));
  objects_[index(kind)][stored->key] = stored;
  note(kind, HistoryEntry::Type::modified, stored, before->labelled);
  if (handler_) handler_({kind, author, subresource, before, stored});
  return stored;
}

void ApiStore::remove(Kind kind, const ObjectKey& key, const Author& author) {
  const auto before = get(kind, key);
  if (!before) return;
  objects_[index(kind)].erase(key);
  note(kind, HistoryEntry::Type::removed, store(*before->value), before->labelled);
  if (handler_) handler_({kind, author, {}, before, nullptr});
}

void ApiStore::compact(Kind kind) {
  History& history = histories_[index(kind)];
  history.dropped += history.entries.size();
  history.entries.clear();
  history.oldest = version_;
}

}  // namespace seraphim::simulation
