// What TorchServes are to do, until they have done it. Loading a model takes from seconds to minutes, and
// nothing of a rollout may wait for it, least of all a rollback: so the adapter places an order and returns,
// and a thread of its own carries it out, again and again with growing pauses until it is so. Orders live in
// memory only: after a restart the next look at the object places them anew.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "kubernetes/api_error.h"
#include "kubernetes/clock.h"
#include "kubernetes/object_meta.h"
#include "workload/torch_serve_servers.h"

namespace seraphim::workload {

/// A version and the archive that it is to be made of.
struct VersionKey {
  ModelKey on;
  std::string version, url;
  auto operator<=>(const VersionKey&) const = default;
};

/// Have so many workers; registers the version when it is missing and any are wanted.
struct HaveWorkers {
  std::int32_t count;
  bool operator==(const HaveWorkers&) const = default;
};
/// Be unregistered. A default version hands that over to `default_instead` first.
struct BeGone {
  std::string default_instead;
  bool operator==(const BeGone&) const = default;
};
/// Answer requests that name no version.
struct BeDefault {
  bool operator==(const BeDefault&) const = default;
};

struct Order {
  kubernetes::ObjectKey by;
  VersionKey what;
  std::variant<HaveWorkers, BeGone, BeDefault> goal;
  bool operator==(const Order&) const = default;
};

/// Thread-safe. Different orders may be carried out at the same time.
class TorchServeOrders {
 public:
  struct Placed {
    Order order;
    std::string problem;  ///< why the last try failed: one sentence for people
  };
  /// Told, outside of locks, of an order that was given up.
  using Report = std::function<void(const std::string&)>;

  TorchServeOrders(TorchServeServers& servers, const kubernetes::Clock& clock, Report report = {})
      : servers_(servers), clock_(clock), report_(std::move(report)) {}

  /// In place of an earlier one about the same version, by the same token or of the same object by another
  /// one. The same order again changes nothing.
  void place(const Order& order);
  /// The order about the workers or the end of this version.
  std::optional<Placed> about(const VersionKey& version) const;
  /// The order about the default version, if it is this one.
  bool is_to_be_default(const VersionKey& version) const;
  /// It wants nothing any more of versions that are not to be unregistered.
  void forget(const kubernetes::ObjectKey& object);
  /// It wants nothing any more of this version by another token: its spec names another Secret by now.
  void forget_other_tokens(const kubernetes::ObjectKey& object, const VersionKey& version);

  /// What can be begun now, at most so many; each has to be carried out.
  std::vector<Order> take_due(std::size_t most);
  /// One try; may take minutes. Returns whether there is something to tell about it; of a success the watch
  /// tells, when it sees it.
  bool carry_out(const Order& order, const std::stop_token& stop);
  std::optional<kubernetes::SteadyTime> next_due() const;
  void on_sooner(std::function<void()> wake) { wake_ = std::move(wake); }

 private:
  /// The version, and whether it is about the default one.
  using Key = std::pair<VersionKey, bool>;
  struct Entry {
    Order order;
    std::string problem{};
    int failures = 0;
    bool running = false;
    kubernetes::SteadyTime due{};
  };
  static Key key_of(const Order& order) {
    return {order.what, std::holds_alternative<BeDefault>(order.goal)};
  }
  /// The lock is held.
  void drop_other_tokens(const kubernetes::ObjectKey& object, const VersionKey& version);
  /// Notes how a try ended; the sentence of an order that is given up.
  std::optional<std::string> note(Entry& entry, const kubernetes::ApiError& error);

  TorchServeServers& servers_;
  const kubernetes::Clock& clock_;
  const Report report_;
  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
  std::function<void()> wake_;
};

}  // namespace seraphim::workload
