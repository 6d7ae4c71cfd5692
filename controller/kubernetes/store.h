// What is known of one kind: immutable objects behind shared pointers, written by one reflector, read by
// anybody.
//
// Read-your-writes: note_written() puts the object that the API server returned for an own write into the
// store, so that the next reconcile does not act on what the watch has not yet delivered (runtime rule 15).
// Older versions that arrive later are ignored.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "kubernetes/clock.h"
#include "kubernetes/object_meta.h"

namespace seraphim::kubernetes {

/// Thread-safe. T has a member `ObjectMeta meta`.
template <typename T>
class Store {
 public:
  using Pointer = std::shared_ptr<const T>;
  /// Called after each change, outside of the store's lock, by the thread that made it. One of the two is
  /// null when the object came or went; a namesake with another uid is told as going and coming. Calls made
  /// by different threads may arrive in another order than the changes: read the store for the newest. Must
  /// not throw. Register handlers before the first write.
  using Handler = std::function<void(const Pointer& before, const Pointer& after)>;

  void on_change(Handler handler) { handlers_.push_back(std::move(handler)); }

  /// Null when there is none.
  Pointer get(const ObjectKey& key) const;
  /// In the order of the keys, as everything here.
  std::vector<Pointer> list() const;
  /// Children of the object with this uid (controller reference).
  std::vector<Pointer> owned_by(const std::string& uid) const;
  std::size_t size() const;

  /// True once a whole list has arrived.
  bool synced() const;
  /// The last event, bookmark or list; staleness is now minus this.
  std::optional<SteadyTime> last_sign_of_life() const;

  // Writers: one reflector, and note_written()/note_deleted() after own writes.
  void upsert(T object);
  void remove(const ObjectKey& key, const std::string& resource_version);
  /// Everything that exists at `resource_version`; what is missing was deleted meanwhile (runtime rule 1).
  /// Objects in the store that are newer than the list stay.
  void replace(std::vector<T> objects, const std::string& resource_version);
  void note_written(T object) { upsert(std::move(object)); }
  /// An own delete that the API server confirmed: the object is gone, and an older event does not bring it
  /// back. Only a newer one that says it is still being deleted (a finalizer holds it) does, or a namesake
  /// with another uid.
  void note_deleted(const ObjectKey& key, const std::string& uid);
  void note_sign_of_life(SteadyTime now);

 private:
  struct Change {
    Pointer before, after;
  };
  using Changes = std::vector<Change>;
  struct OwnDelete {
    std::string uid, last_version;
  };
  using Objects = std::map<ObjectKey, Pointer>;

  // All but tell() under the lock.
  void put(T object, Changes& changes);
  bool is_news(const ObjectMeta& meta) const;
  void take_out(typename Objects::iterator position, Changes& changes);
  void index(const ObjectMeta& meta);
  void unindex(const ObjectMeta& meta);
  void tell(const Changes& changes) const;

  mutable std::shared_mutex mutex_;
  Objects objects_;
  std::unordered_map<std::string, std::set<ObjectKey>> by_owner_;
  std::map<ObjectKey, OwnDelete> own_deletes_;  ///< not yet seen in the watch
  bool synced_ = false;
  std::optional<SteadyTime> last_sign_of_life_;
  std::vector<Handler> handlers_;
};

}  // namespace seraphim::kubernetes

#include "kubernetes/store_impl.h"
