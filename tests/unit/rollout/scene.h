// One moment of a rollout, ready to be varied: given(...) reads like the specification.
#pragma once

#include <optional>
#include <string>

#include "rollout/stories.h"

namespace seraphim::rollout {

/// Starts from a moment that the small world really reached.
class Scene {
 public:
  static Scene first_revision();  ///< "v1" was asked for, its pods are not up yet
  static Scene stable();          ///< "v1" serves, nothing moves
  static Scene at_step(
      std::int32_t step);      ///< "v2" has this step's weight, calm and with data; 0: it comes up
  static Scene promoting();    ///< "v2" has everything, the stable Service is still at "v1"
  static Scene baking();       ///< "v2" was promoted a moment ago
  static Scene rolled_back();  ///< "v2" failed at the first step, "v1" serves and is verified

  Scene with(analysis::Verdict verdict) const;
  Scene recovery(analysis::Recovery::Finding finding, const std::string& message = "numbers") const;
  Scene held(api::Duration time) const;      ///< the hold clock has run this long
  Scene later(api::Duration time) const;     ///< the same moment, but the clock went on
  Scene requests(std::int64_t count) const;  ///< candidate requests in this step
  Scene suspicious() const;
  Scene unseen(api::Duration time) const;  ///< no metrics of "v2" yet, and the first step waits since then
  Scene not_looked() const;                ///< no assessment
  Scene paused() const;
  Scene frozen(std::optional<api::Time> until = std::nullopt) const;  ///< by "xmas"
  Scene overriding(const std::string& words) const;                   ///< the annotation says this
  Scene without_analysis() const;
  Scene spec(const std::string& text) const;  ///< the template is this now
  Scene with_spec(const std::function<void(api::Spec&)>& edit) const;
  Scene with_object(const std::function<void(api::SeraphimDeployment&)>& edit) const;
  Scene weight(std::int32_t percent) const;  ///< what the route says, confirmed
  Scene unconfirmed() const;
  Scene route_problem() const;
  Scene pods(const std::string& text, std::int32_t ready) const;  ///< pods and endpoints of a template
  Scene marked(const std::string& text, api::RevisionVerdict verdict) const;
  Scene with_traffic(const std::function<void(TrafficState&)>& edit) const;

  std::string name(const std::string& text) const { return world_.name_of(text); }
  Plan plan() const { return decide(seen_); }
  Observation& seen() { return seen_; }
  const Observation& seen() const { return seen_; }

 private:
  explicit Scene(World world);
  static Scene reached(const std::function<void(World&)>& run);
  Scene varied(const std::function<void(Observation&)>& edit) const;

  World world_;
  Observation seen_;
};

// What is asked of a plan.
std::optional<api::Percent> weight_set(const Plan& plan);
std::string judged(const Plan& plan, const std::string& revision);  ///< "failed", "superseded", ... or ""
bool tells(const Plan& plan, const std::string& reason);
std::string reason_of(const Plan& plan, const std::string& type);  ///< "True:Reason"
std::string message_of(const Plan& plan, const std::string& type);
template <typename A>
const A* find(const Plan& plan) {
  for (const Action& action : plan.actions) {
    if (const A* found = std::get_if<A>(&action)) return found;
  }
  return nullptr;
}

}  // namespace seraphim::rollout
