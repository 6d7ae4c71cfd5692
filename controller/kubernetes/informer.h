// A watched kind, put together: store, sink, reflector and the thread that runs it. "One line":
//
//   Informer<ReplicaSet> replica_sets(transport, {.label_selector = "serving.seraphim.io/name"}, clock,
//   random, log); replica_sets.store().on_change(...); replica_sets.start();
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "kubernetes/clock.h"
#include "kubernetes/reflector.h"
#include "kubernetes/reflector_runner.h"
#include "kubernetes/store.h"
#include "kubernetes/store_sink.h"
#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

/// How the watch of one kind fares, for health and metrics.
struct WatchState {
  std::string resource{};                    ///< plural, "pods"
  bool synced = false;                       ///< a whole list has arrived
  std::optional<SteadyTime> last_active{};   ///< of its thread; nothing while it does not run
  std::optional<SteadyTime> last_arrival{};  ///< of an event, bookmark or list
  ReflectorStats stats{};
};

template <typename T>
class Informer {
 public:
  /// `options.type` is set here. `report` is told, in a sentence, of failures and of objects that cannot be
  /// decoded.
  Informer(Transport& transport, ReflectorOptions options, const Clock& clock, Random random,
           std::function<void(const std::string&)> report)
      : sink_(store_, report),
        runner_(transport, with_type(std::move(options)), sink_, clock, std::move(random), report) {}

  Store<T>& store() { return store_; }
  const Store<T>& store() const { return store_; }
  bool synced() const { return store_.synced(); }
  ReflectorStats stats() const { return runner_.stats(); }
  WatchState state() const {
    return {.resource = Resource<T>::type().plural,
            .synced = synced(),
            .last_active = runner_.last_active(),
            .last_arrival = store_.last_sign_of_life(),
            .stats = stats()};
  }

  void start() { runner_.start(); }
  /// Cancels the watch and joins the thread.
  void stop() { runner_.stop(); }

 private:
  static ReflectorOptions with_type(ReflectorOptions options) {
    options.type = Resource<T>::type();
    return options;
  }

  Store<T> store_;
  StoreSink<T> sink_;
  ReflectorRunner runner_;
};

}  // namespace seraphim::kubernetes
