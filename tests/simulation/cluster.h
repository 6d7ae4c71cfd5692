// What stands around the operator in a cluster: ReplicaSets that start pods, endpoints, the garbage
// collector.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulation/api_store.h"
#include "simulation/part.h"
#include "simulation/random.h"

namespace seraphim::simulation {

/// How the pods of a template behave. The template's image says it: "bad-3".
enum class Behaviour {
  good,   ///< fails as rarely as all good ones
  bad,    ///< many requests fail
  late,   ///< good, then bad when it has been serving for a while
  never,  ///< its pods never get ready
  slow,   ///< good, but its pods take long to start
  dies,   ///< good, then its pods crash and stay down
};
Behaviour behaviour_of(const std::string& image);
std::string_view to_string(Behaviour behaviour);

struct RunningPod {
  std::string name;
  SimTime created{}, ready_at = kNever;
  bool ready = false;
};

/// A ReplicaSet's pods.
struct PodGroup {
  std::string revision, uid;
  Behaviour behaviour = Behaviour::good;
  std::chrono::milliseconds min_ready{};
  std::vector<RunningPod> pods;
  SimTime sync_at = kNever;  ///< the controller looks at the ReplicaSet's spec
  SimTime dies_at = kNever;
  SimTime looked_at{};            ///< what happened since is not in the ReplicaSet's status
  SimTime last_available = -24h;  ///< when a pod was last seen available

  int ready() const;
  int available(SimTime now) const;
};

class Cluster final : public Part {
 public:
  Cluster(ApiStore& store, const WorldClock& clock, Seed seed);

  SimTime due() const override;
  void act() override;
  /// To be told of every write.
  void on_write(const Write& write);

  const PodGroup* group(const std::string& revision) const;
  /// When a pod of it was last seen available, although its ReplicaSet may be gone by now.
  SimTime last_available(const std::string& revision) const;
  const std::map<std::string, PodGroup>& groups() const { return groups_; }
  /// Ready pods that a Service sends to, by its EndpointSlice, and still running.
  std::vector<std::string> endpoints(const std::string& service) const;
  int ready_endpoints(const std::string& service) const;

  /// Pods crash and are ready again later; `all` of a revision's, or one.
  void crash_pods(const std::string& revision, bool all);
  /// From now on endpoints follow this much later.
  void slow_endpoints(std::chrono::milliseconds by) { endpoint_lag_ = by; }
  /// A pod's counters are gone with it.
  void on_pod_lost(std::function<void(const std::string& pod)> handler) { pod_lost_ = std::move(handler); }

 private:
  bool is_orphan(const Write& write) const;
  void sync_group(const std::string& name, PodGroup& group);
  void resize(PodGroup& group, std::size_t wanted);
  void settle(PodGroup& group);
  void note_available(PodGroup& group) const;
  void write_status(const std::string& name, PodGroup& group);
  void show_pod(const PodGroup& group, const RunningPod& pod);
  void lose(const RunningPod& pod);
  void lose_group(const std::string& revision);
  void touch_endpoints();
  void sync_service(const kubernetes::ObjectKey& key);
  void collect();
  SimTime start_time(const PodGroup& group);

  ApiStore& store_;
  const WorldClock& clock_;
  Chance chance_;
  std::map<std::string, PodGroup> groups_;             ///< by name of the ReplicaSet
  std::map<std::string, SimTime> lost_available_;      ///< last_available of ReplicaSets that are gone
  std::map<kubernetes::ObjectKey, SimTime> services_;  ///< when their endpoints are worked out anew
  std::chrono::milliseconds endpoint_lag_{};
  SimTime collect_at_ = kNever;
  std::uint64_t names_ = 0;
  std::function<void(const std::string&)> pod_lost_;
};

}  // namespace seraphim::simulation
