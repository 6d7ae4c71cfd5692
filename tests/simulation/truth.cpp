#include "simulation/truth.h"

#include <nlohmann/json.hpp>

#include "api/percent.h"
#include "api/seraphim_deployment.h"
#include "kubernetes/json_read.h"

namespace seraphim::simulation {

using kubernetes::elements;
using kubernetes::int64_or;
using kubernetes::member;
using kubernetes::text_or;
using nlohmann::json;

namespace {

int share_of(const RouteTruth& route) {
  const std::int64_t sum = route.stable + route.candidate;
  return sum <= 0 ? 0 : static_cast<int>(route.candidate * kAll / sum);
}

}  // namespace

StatusTruth read_status(const StoredPointer& object) {
  StatusTruth truth;
  if (!object) return truth;
  const json& meta = (*object->value)["metadata"];
  const json& status = member(*object->value, "status");
  truth.exists = true;
  truth.uid = text_or(meta, "uid");
  truth.generation = int64_or(meta, "generation", 0);
  truth.observed_generation = int64_or(status, "observedGeneration", 0);
  truth.phase = text_or(status, "phase");
  truth.stable = text_or(status, "stableRevision");
  truth.candidate = text_or(status, "candidateRevision");
  truth.previous = text_or(status, "previousRevision");
  truth.retry = text_or(member(meta, "annotations"), api::kAnnotationRetry);
  truth.retry_seen = text_or(status, "retryToken");
  truth.started_at = text_or(status, "startedAt");
  truth.step = int64_or(status, "step", 0);
  truth.rollback_from = text_or(member(status, "lastRollback"), "fromRevision");
  truth.rollback_reason = text_or(member(status, "lastRollback"), "reason");
  truth.rollback_at = text_or(member(status, "lastRollback"), "at");
  truth.rollback_to = text_or(member(status, "lastRollback"), "toRevision");
  const json& verification = member(member(status, "lastRollback"), "verification");
  truth.verification = text_or(verification, "result");
  truth.verified_at = text_or(verification, "decidedAt");
  const bool by_hand = truth.rollback_reason == "Cancelled" || truth.rollback_reason == "TakenBack" ||
                       truth.rollback_reason == "Reverted";
  if (!by_hand) truth.failed = truth.rollback_from;
  truth.candidate_requests = int64_or(member(status, "evidence"), "candidateRequests", 0);
  truth.desired = api::parse_percent(text_or(member(status, "weight"), "desired", "0"))
                      .value_or(api::kNothing)
                      .basis_points();
  for (const json& condition : elements(status, "conditions")) {
    if (text_or(condition, "type") == "Progressing") truth.reason = text_or(condition, "reason");
  }
  truth.paused = kubernetes::bool_or(member(*object->value, "spec"), "paused", false);
  return truth;
}

int RouteTruth::candidate_share() const {
  return share_of(*this);
}

RouteTruth read_route(const StoredPointer& route) {
  RouteTruth truth;
  if (!route) return truth;
  truth.exists = true;
  for (const json& rule : elements(member(*route->value, "spec"), "rules")) {
    for (const json& backend : elements(rule, "backendRefs")) {
      const std::string name = text_or(backend, "name");
      if (name == kStableService.name) truth.stable = int64_or(backend, "weight", 1);
      if (name == kCandidateService.name) truth.candidate = int64_or(backend, "weight", 1);
    }
  }
  return truth;
}

std::string selected_revision(const StoredPointer& service) {
  if (!service) return {};
  return text_or(member(member(*service->value, "spec"), "selector"), api::kLabelRevision);
}

std::string verdict_of(const StoredPointer& revision) {
  if (!revision) return {};
  return text_or(member((*revision->value)["metadata"], "annotations"), api::kAnnotationVerdict);
}

std::int64_t number_of(const StoredPointer& revision) {
  return revision ? int64_or(*revision->value, "revision", 0) : 0;
}

StoredPointer the_route(const ApiStore& store) {
  const auto& routes = store.all(Kind::routes);
  return routes.empty() ? nullptr : routes.begin()->second;
}

int written_share(const ApiStore& store, const std::string& revision) {
  const RouteTruth route = read_route(the_route(store));
  if (!route.exists || revision.empty()) return 0;
  int share = 0;
  if (selected_revision(store.get(Kind::services, kStableService)) == revision)
    share += kAll - share_of(route);
  if (selected_revision(store.get(Kind::services, kCandidateService)) == revision) share += share_of(route);
  return share;
}

}  // namespace seraphim::simulation
