#include "operator/freeze_reconciler.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "api/freeze_codec.h"
#include "api/quote.h"
#include "kubernetes/keep_written.h"
#include "operator/freezes.h"

namespace seraphim::op {
namespace {

using kubernetes::ObjectKey;
using kubernetes::ReconcileAgain;
using kubernetes::ReconcileDone;
using kubernetes::ReconcileOutcome;
using kubernetes::Resource;

constexpr std::string_view kPrefix = "seraphimfreeze/";

api::Condition accepted(const FreezeObject& object) {
  const api::SeraphimFreeze& freeze = object.freeze;
  if (!freeze.problems.empty()) {
    std::string all;
    for (const auto& problem : freeze.problems) all += (all.empty() ? "" : "; ") + problem;
    return {"Accepted", api::ConditionStatus::false_, "InvalidSpec",
            all + "; until it is corrected everything in the namespace is frozen"};
  }
  if (!object.zone && !freeze.spec.windows.empty()) {
    return {
        "Accepted", api::ConditionStatus::false_, "UnknownTimeZone",
        "spec.timeZone: " + api::quote(freeze.spec.time_zone) +
            " is not in the operator's time zone database; write an IANA name such as Europe/Berlin. Until "
            "then the windows count as all the time"};
  }
  return {"Accepted", api::ConditionStatus::true_, "Accepted", "the spec is understood"};
}

std::string when(const api::FreezeState& state) {
  if (!state.next_change) return state.active ? "until it is deleted or edited" : "and will not be again";
  return (state.active ? "until " : "before ") + api::format_time(*state.next_change);
}

api::Condition active(const api::FreezeState& state) {
  if (state.active) {
    return {"Active", api::ConditionStatus::true_, "InForce",
            "in force " + when(state) + ": nothing new is rolled out; rolling back still works"};
  }
  return {"Active", api::ConditionStatus::false_, "NotInForce", "not in force " + when(state)};
}

}  // namespace

ObjectKey queue_key_of_freeze(const ObjectKey& freeze) {
  return {freeze.namespace_, std::string(kPrefix) + freeze.name};
}

std::optional<ObjectKey> freeze_of_queue_key(const ObjectKey& key) {
  if (!key.name.starts_with(kPrefix)) return std::nullopt;
  return ObjectKey{key.namespace_, key.name.substr(kPrefix.size())};
}

FreezeReconciler::FreezeReconciler(const ClusterView& view, kubernetes::ApiClient& client,
                                   const kubernetes::Clock& clock, spdlog::logger& log)
    : view_(view), client_(client), clock_(clock), log_(log) {}

ReconcileOutcome FreezeReconciler::reconcile(const ObjectKey& key, const std::stop_token& stop) {
  const auto freeze = view_.freezes == nullptr ? nullptr : view_.freezes->get(key);
  if (!freeze) return ReconcileDone{};
  const api::Time now = clock_.wall();
  const api::FreezeState state = api::state_at(freeze->freeze, freeze->zone, now);
  const api::FreezeStatus status = status_of(*freeze, state, now);
  if (status != freeze->freeze.status) {
    if (const auto written = write_status(*freeze, status, stop); !written) {
      return ReconcileAgain{.why = written.error().message,
                            .at_least = written.error().retry_after.value_or(std::chrono::milliseconds{0})};
    }
    if (status.active != freeze->freeze.status.active) {
      log_.info("{}: the freeze is {} {} (who: {}, why: {})", to_string(key),
                status.active ? "in force" : "not in force", when(state), api::quote(freeze->freeze.spec.who),
                api::quote(freeze->freeze.spec.reason));
    }
  }
  if (!state.next_change) return ReconcileDone{};
  return ReconcileDone{.look_again = std::max(*state.next_change - now, api::Duration(1))};
}

api::FreezeStatus FreezeReconciler::status_of(const FreezeObject& freeze, const api::FreezeState& state,
                                              api::Time now) const {
  api::FreezeStatus status = freeze.freeze.status;
  status.observed_generation = freeze.meta.generation;
  status.active = state.active;
  status.next_change = state.next_change;
  status.affected = 0;
  for (const auto& deployment : view_.deployments.list()) {
    if (selects(freeze, *deployment)) ++status.affected;
  }
  for (api::Condition condition : {accepted(freeze), active(state)}) {
    condition.observed_generation = freeze.meta.generation;
    api::set_condition(status.conditions, std::move(condition), now);
  }
  return status;
}

kubernetes::Result<void> FreezeReconciler::write_status(const FreezeObject& freeze,
                                                        const api::FreezeStatus& status,
                                                        const std::stop_token& stop) {
  const auto patch = nlohmann::json::array(
      {{{"op", "add"}, {"path", "/metadata/resourceVersion"}, {"value", freeze.meta.resource_version}},
       {{"op", "add"}, {"path", "/status"}, {"value", api::encode_freeze_status(status)}}});
  return keep_written(*view_.freezes, client_.json_patch(Resource<FreezeObject>::type(), freeze.meta.key,
                                                         patch, "status", stop));
}

}  // namespace seraphim::op
