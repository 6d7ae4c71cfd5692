// What a recorder knows about the Events it wrote last, so that a repeat needs no reading.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "kubernetes/clock.h"
#include "kubernetes/object_meta.h"

namespace seraphim::kubernetes {

struct KnownEvent {
  std::string resource_version{};
  std::uint64_t count = 1;
  SteadyTime next_write{};              ///< repeats are gathered until then
  std::chrono::milliseconds spacing{};  ///< how long that was
};

/// The `capacity` least long ago used ones. Not thread-safe.
class EventCache {
 public:
  explicit EventCache(std::size_t capacity) : capacity_(capacity) {}

  /// Null when not known. Valid until the next put() or erase(). Does not count as use.
  const KnownEvent* find(const ObjectKey& key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &found->second->second;
  }

  void put(const ObjectKey& key, KnownEvent event) {
    erase(key);
    newest_first_.emplace_front(key, std::move(event));
    index_.emplace(key, newest_first_.begin());
    if (index_.size() <= capacity_) return;
    index_.erase(newest_first_.back().first);
    newest_first_.pop_back();
  }

  void erase(const ObjectKey& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    newest_first_.erase(found->second);
    index_.erase(found);
  }

  std::size_t size() const { return index_.size(); }

 private:
  using Entry = std::pair<ObjectKey, KnownEvent>;

  const std::size_t capacity_;
  std::list<Entry> newest_first_;
  std::unordered_map<ObjectKey, std::list<Entry>::iterator> index_;
};

}  // namespace seraphim::kubernetes
