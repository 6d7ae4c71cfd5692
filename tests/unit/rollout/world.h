// A small cluster in memory for decide(): it carries out plans, lets pods come up and endpoints follow,
// measures the candidate, and checks the invariants of the design after every single effect. Faults stop it
// in mid-plan.
//
// Everything is deterministic. A broken invariant throws BrokenInvariant with the story so far.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "rollout/decide.h"

namespace seraphim::rollout {

enum class Quality { good, bad, bad_after_promotion };
enum class Metrics { fresh, unavailable, stale, few_requests, suspicious };

/// How pods of one template behave.
struct Behaviour {
  bool comes_up = true;
  Quality quality = Quality::good;
};

/// The operator dies at its n-th effect (an action or a status write), just before or just after it took
/// place.
struct Fault {
  std::size_t effect = 0;
  bool after = false;
};

struct BrokenInvariant : std::logic_error {
  using std::logic_error::logic_error;
};

class World {
 public:
  struct Pods {
    std::int32_t desired = 0, ready = 0;
    api::Time since{};
  };
  struct Service {
    std::string revision, endpoints_of;
  };
  /// What a run ends with: the same with and without crashes (invariant 8).
  struct End {
    std::string roles, records, route, pods;
    std::set<std::string> events;
    bool operator==(const End&) const = default;
  };

  explicit World(api::Traffic traffic = api::GatewayApiTraffic{{{"route"}}, {}, {}});

  // What people do.
  void use_template(const std::string& text);  ///< a new revision, or an old one again
  void edit_spec(const std::function<void(api::Spec&)>& edit);
  void annotate(const std::string& key, const std::string& value);
  void approve(std::int32_t step);
  void set_weight_by_hand(api::Percent by_hand);
  void freeze(const std::string& name, std::optional<api::Time> until = std::nullopt);
  void thaw();                                         ///< all freezes are deleted
  std::string name_of(const std::string& text) const;  ///< revision name of a template

  // Time passes.
  void run_for(api::Duration time);
  /// Runs until it holds; fails loudly after two simulated hours.
  void run_until(const std::function<bool(const World&)>& done);
  /// One observe, decide, act. True when something was done or written.
  bool look();

  Observation observe(bool confirmed) const;
  End end() const;
  api::Percent share(const std::string& revision) const;
  const api::Status& status() const { return object.status; }
  api::RevisionVerdict verdict(const std::string& revision) const;
  bool told(const std::string& reason) const;
  bool recovery_is_asked_for() const { return recovery().has_value(); }
  std::size_t times_told(const std::string& reason) const;
  std::string trace() const;
  /// What was done and told, when, with revisions by the text of their template.
  std::string script() const;
  [[noreturn]] void broken(const std::string& what) const;

  api::SeraphimDeployment object;
  api::Time now{};
  std::map<std::string, Behaviour> behaviours;  ///< by template; the default is a good one
  Metrics metrics = Metrics::fresh;
  std::vector<api::Revision> revisions;
  std::map<std::string, Pods> pods;
  std::optional<Service> stable, candidate;
  std::optional<api::Percent> weight;
  std::optional<TrafficState::Problem> problem;
  std::vector<FreezeInForce> freezes;
  std::set<std::string> crashed;  ///< revisions whose pods are all down
  std::optional<Fault> fault;
  /// When set, asked before each look whether the caches lag behind by one look.
  std::function<bool()> caches_lag;
  std::size_t effects = 0;
  std::size_t looks = 0;

 private:
  struct Crash {};
  struct Told {
    std::string key, reason;
  };

  void tick();
  void log(const std::string& line);
  void effect(const std::string& what, const std::function<void()>& act);
  void perform(const Plan& plan, const Action& action);
  void do_action(const Action& action);
  void write_status(const api::Status& next);
  void check_action(const Plan& plan, const Action& action) const;
  void check_after(const std::map<std::string, api::Percent>& shares_before) const;
  std::int32_t share_by_pods() const;
  void check_share_by_pods(std::int32_t before) const;
  void check_raise(const api::Status& next) const;
  void check_set_weight(const Plan& plan, const SetWeight& move) const;
  static bool takes_it_away(const Plan& plan);
  std::map<std::string, api::Percent> shares() const;
  std::optional<analysis::Assessment> assessment() const;
  std::optional<analysis::Recovery> recovery() const;
  std::optional<Backend> backend(const std::optional<Service>& service) const;
  std::int32_t endpoints(const std::optional<Service>& service) const;
  const Behaviour& behaviour(const std::string& revision) const;
  bool frozen() const;  ///< and nobody overrides it
  bool replicas_mode() const { return std::holds_alternative<api::ReplicasTraffic>(object.spec.traffic); }
  std::int32_t replicas() const { return std::get<api::PodsWorkload>(object.spec.workload).replicas; }
  bool failed(const std::string& revision) const { return verdict(revision) == api::RevisionVerdict::failed; }

  static constexpr api::Duration kSlack = std::chrono::seconds(1);  ///< the world's clock ticks in seconds

  std::map<std::string, std::string> template_of_;
  std::map<std::string, std::int32_t> exposed_, exposed_at_everything_;  ///< seconds with traffic
  std::int32_t seconds_in_step_ = 0, seconds_counted_ = 0;
  api::Time began_{};
  std::optional<api::Time> look_at_, fresh_at_;
  bool dirty_ = true;
  std::optional<Observation> lagging_;
  std::vector<Told> told_;
  std::vector<std::string> trace_;
};

inline api::Duration seconds(int count) {
  return std::chrono::seconds(count);
}
inline api::Duration minutes(int count) {
  return std::chrono::minutes(count);
}

}  // namespace seraphim::rollout
