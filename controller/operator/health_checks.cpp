#include "operator/health_checks.h"

namespace seraphim::op {
namespace {

using kubernetes::SteadyTime;

std::string seconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

Failure reconcile_is_stuck(const Vitals& vitals) {
  if (!vitals.stage.working) return std::nullopt;
  const SteadyTime now = vitals.clock.steady();
  if (const auto look = vitals.queue.longest_look(); look && now - look->second > vitals.stuck_after)
    return "the look at " + to_string(look->first) + " has not ended for " + seconds(now - look->second);
  if (const auto since = vitals.queue.starved_since(now); since && now - *since > vitals.stuck_after)
    return "objects are due and none has been taken for " + seconds(now - *since);
  return std::nullopt;
}

Failure collector_is_stuck(const Vitals& vitals) {
  if (!vitals.stage.working || vitals.stage.stopping) return std::nullopt;
  const auto due = vitals.collector.next_due();
  const SteadyTime now = vitals.clock.steady();
  if (!due || now - *due <= vitals.stuck_after) return std::nullopt;
  return "Prometheus should have been asked " + seconds(now - *due) + " ago";
}

Failure watch_is_gone(const Vitals& vitals) {
  if (vitals.stage.stopping) return std::nullopt;
  const SteadyTime now = vitals.clock.steady();
  std::string gone;
  for (const auto& watch : vitals.watches()) {
    const bool silent = watch.last_active && now - *watch.last_active > kLongestSilenceOfAWatch;
    if (watch.last_active && !silent) continue;
    gone +=
        (gone.empty() ? "" : "; ") + watch.resource +
        (silent ? ": no sign of life for " + seconds(now - *watch.last_active) : ": its thread does not run");
  }
  return gone.empty() ? Failure() : gone;
}

Failure not_synced(const Vitals& vitals) {
  std::string missing;
  for (const auto& watch : vitals.watches()) {
    if (watch.synced) continue;
    missing += (missing.empty() ? "" : ", ") + watch.resource;
    if (!watch.stats.last_failure.empty()) missing += " (" + watch.stats.last_failure + ")";
  }
  return missing.empty() ? Failure() : "not yet listed: " + missing;
}

}  // namespace

std::vector<HealthCheck> livez_checks(const Vitals& vitals) {
  return {{"reconcile", [vitals] { return reconcile_is_stuck(vitals); }},
          {"collector", [vitals] { return collector_is_stuck(vitals); }},
          {"watches", [vitals] { return watch_is_gone(vitals); }}};
}

std::vector<HealthCheck> readyz_checks(const Vitals& vitals) {
  return {{"sync", [vitals] { return not_synced(vitals); }}, {"shutdown", [vitals]() -> Failure {
                                                                if (vitals.stage.stopping)
                                                                  return "the operator is ending";
                                                                return std::nullopt;
                                                              }}};
}

}  // namespace seraphim::op
