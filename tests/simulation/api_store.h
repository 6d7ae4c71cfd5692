// The API server's objects: versions, uids, generations, owners, and a history that watches read from.
//
// In memory and for one thread. It knows nothing of HTTP (api_server.h) and nothing of faults.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"
#include "simulation/clock.h"

namespace seraphim::simulation {

enum class Kind {
  deployments,
  revisions,
  replica_sets,
  pods,
  services,
  slices,
  routes,
  leases,
  events,
  freezes
};
inline constexpr std::size_t kKinds = 10;

const kubernetes::ResourceType& type_of(Kind kind);
/// By the plural name in a path; throws std::out_of_range.
Kind kind_of(std::string_view plural);

/// Who writes.
struct Author {
  enum class Who { person, cluster, op } who = Who::cluster;
  int process = 0;  ///< of Who::op: which start of the operator
};

/// One version of one object; never changed.
struct Stored {
  kubernetes::ObjectKey key;
  std::shared_ptr<const nlohmann::json> value;
  std::shared_ptr<const std::string> text;  ///< the same, as sent
  std::uint64_t version = 0;
  bool labelled = false;  ///< it has the label that children carry
};
using StoredPointer = std::shared_ptr<const Stored>;

/// What watches need of a version: its value is let go as soon as there is a newer one.
struct HistoryEntry {
  enum class Type { added, modified, removed } type;
  std::shared_ptr<const std::string> text;
  std::uint64_t version;
  bool labelled, was_labelled;  ///< it has the label, the version before had it
  SimTime at;
};

/// A write that took place. `before` or `after` is null when the object came or went.
struct Write {
  Kind kind;
  Author author;
  std::string_view subresource;
  StoredPointer before, after;
  const kubernetes::ObjectKey& key() const { return (after ? after : before)->key; }
};

class ApiStore {
 public:
  explicit ApiStore(const WorldClock& clock) : clock_(clock) {}

  StoredPointer get(Kind kind, const kubernetes::ObjectKey& key) const;
  const std::map<kubernetes::ObjectKey, StoredPointer>& all(Kind kind) const;

  /// Stores a new object: uid, version and generation are given here.
  StoredPointer create(Kind kind, nlohmann::json object, const Author& author);
  /// Stores a new version, unless nothing differs. The generation grows with the spec.
  StoredPointer update(Kind kind, const StoredPointer& before, nlohmann::json object,
                       std::string_view subresource, const Author& author);
  void remove(Kind kind, const kubernetes::ObjectKey& key, const Author& author);

  std::uint64_t version() const { return version_; }
  /// What happened to a kind since the beginning of its history.
  const std::deque<HistoryEntry>& history(Kind kind) const { return histories_[index(kind)].entries; }
  /// How many entries were dropped from the front: positions in the history count from the very first.
  std::uint64_t dropped(Kind kind) const { return histories_[index(kind)].dropped; }
  /// A watch from a version below this one gets 410.
  std::uint64_t oldest_version(Kind kind) const { return histories_[index(kind)].oldest; }
  void compact(Kind kind);

  /// Lists and watches are answered by a server that is so far behind. Reads of one object and writes are
  /// not: they ask the quorum.
  void lag_reads(std::chrono::milliseconds by) { read_lag_ = by; }
  std::chrono::milliseconds read_lag() const { return read_lag_; }
  /// What happened later is not in lists yet.
  SimTime read_until() const { return clock_.now - read_lag_; }

  /// Called after each write.
  void on_write(std::function<void(const Write&)> handler) { handler_ = std::move(handler); }

 private:
  struct History {
    std::deque<HistoryEntry> entries;
    std::uint64_t dropped = 0, oldest = 0;
  };

  static std::size_t index(Kind kind) { return static_cast<std::size_t>(kind); }
  StoredPointer store(nlohmann::json object);
  void note(Kind kind, HistoryEntry::Type type, const StoredPointer& object, bool was_labelled);

  const WorldClock& clock_;
  std::array<std::map<kubernetes::ObjectKey, StoredPointer>, kKinds> objects_;
  std::array<History, kKinds> histories_;
  std::uint64_t version_ = 100, uids_ = 0;
  std::chrono::milliseconds read_lag_{};
  std::function<void(const Write&)> handler_;
};

}  // namespace seraphim::simulation
