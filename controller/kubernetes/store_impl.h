// The members of Store; include store.h.
#pragma once

#include <utility>

#include "kubernetes/store.h"

namespace seraphim::kubernetes {

template <typename T>
typename Store<T>::Pointer Store<T>::get(const ObjectKey& key) const {
  const std::shared_lock lock(mutex_);
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : found->second;
}

template <typename T>
std::vector<typename Store<T>::Pointer> Store<T>::list() const {
  const std::shared_lock lock(mutex_);
  std::vector<Pointer> result;
  result.reserve(objects_.size());
  for (const auto& [key, object] : objects_) result.push_back(object);
  return result;
}

template <typename T>
std::vector<typename Store<T>::Pointer> Store<T>::owned_by(const std::string& uid) const {
  const std::shared_lock lock(mutex_);
  std::vector<Pointer> result;
  if (const auto children = by_owner_.find(uid); children != by_owner_.end()) {
    for (const auto& key : children->second) result.push_back(objects_.at(key));
  }
  return result;
}

template <typename T>
std::size_t Store<T>::size() const {
  const std::shared_lock lock(mutex_);
  return objects_.size();
}

template <typename T>
bool Store<T>::synced() const {
  const std::shared_lock lock(mutex_);
  return synced_;
}

template <typename T>
std::optional<SteadyTime> Store<T>::last_sign_of_life() const {
  const std::shared_lock lock(mutex_);
  return last_sign_of_life_;
}

template <typename T>
void Store<T>::upsert(T object) {
  Changes changes;
  {
    const std::lock_guard lock(mutex_);
    put(std::move(object), changes);
  }
  tell(changes);
}

template <typename T>
void Store<T>::remove(const ObjectKey& key, const std::string& resource_version) {
  Changes changes;
  {
    const std::lock_guard lock(mutex_);
    const auto own = own_deletes_.find(key);
    if (own != own_deletes_.end() && !is_older(resource_version, own->second.last_version))
      own_deletes_.erase(own);
    const auto found = objects_.find(key);
    // An older delete is about an earlier namesake.
    if (found != objects_.end() && !is_older(resource_version, found->second->meta.resource_version)) {
      take_out(found, changes);
    }
  }
  tell(changes);
}

template <typename T>
void Store<T>::replace(std::vector<T> objects, const std::string& resource_version) {
  Changes changes;
  {
    const std::lock_guard lock(mutex_);
    std::set<ObjectKey> listed;
    for (T& object : objects) {
      listed.insert(object.meta.key);
      put(std::move(object), changes);
    }
    const auto outdated = [&](const ObjectKey& key, const std::string& version) {
      return !listed.contains(key) && !is_older(resource_version, version);
    };
    for (auto next = objects_.begin(); next != objects_.end();) {
      const auto position = next++;
      if (outdated(position->first, position->second->meta.resource_version)) take_out(position, changes);
    }
    std::erase_if(own_deletes_,
                  [&](const auto& own) { return outdated(own.first, own.second.last_version); });
    synced_ = true;
  }
  tell(changes);
}

template <typename T>
void Store<T>::note_deleted(const ObjectKey& key, const std::string& uid) {
  Changes changes;
  {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    // Not there: the watch was faster, and nothing older is on its way any more.
    if (found != objects_.end() && found->second->meta.uid == uid) {
      own_deletes_[key] = {uid, found->second->meta.resource_version};
      take_out(found, changes);
    }
  }
  tell(changes);
}

template <typename T>
void Store<T>::note_sign_of_life(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (!last_sign_of_life_ || *last_sign_of_life_ < now) last_sign_of_life_ = now;
}

template <typename T>
void Store<T>::put(T object, Changes& changes) {
  if (!is_news(object.meta)) return;
  const ObjectKey key = object.meta.key;
  own_deletes_.erase(key);
  const auto found = objects_.find(key);
  Pointer before = found == objects_.end() ? nullptr : found->second;
  if (before && before->meta.uid != object.meta.uid) {
    take_out(found, changes);
    before = nullptr;
  } else if (before) {
    unindex(before->meta);
  }
  auto after = std::make_shared<const T>(std::move(object));
  index(after->meta);
  objects_[key] = after;
  changes.push_back({std::move(before), std::move(after)});
}

template <typename T>
bool Store<T>::is_news(const ObjectMeta& meta) const {
  const auto outdates = [&](const std::string& version) {
    return version == meta.resource_version || is_older(meta.resource_version, version);
  };
  if (const auto found = objects_.find(meta.key); found != objects_.end()) {
    return !outdates(found->second->meta.resource_version);
  }
  if (const auto own = own_deletes_.find(meta.key); own != own_deletes_.end()) {
    return !outdates(own->second.last_version) && (meta.uid != own->second.uid || meta.deleting);
  }
  return true;
}

template <typename T>
void Store<T>::take_out(typename Objects::iterator position, Changes& changes) {
  unindex(position->second->meta);
  changes.push_back({std::move(position->second), nullptr});
  objects_.erase(position);
}

template <typename T>
void Store<T>::index(const ObjectMeta& meta) {
  if (meta.controller) by_owner_[meta.controller->uid].insert(meta.key);
}

template <typename T>
void Store<T>::unindex(const ObjectMeta& meta) {
  if (!meta.controller) return;
  const auto children = by_owner_.find(meta.controller->uid);
  if (children == by_owner_.end()) return;
  children->second.erase(meta.key);
  if (children->second.empty()) by_owner_.erase(children);
}

template <typename T>
void Store<T>::tell(const Changes& changes) const {
  for (const auto& change : changes) {
    for (const auto& handler : handlers_) handler(change.before, change.after);
  }
}

}  // namespace seraphim::kubernetes
