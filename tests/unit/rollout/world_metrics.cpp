// What a look at the metrics brings, by how the pods of each template behave.
#include "rollout/comparison.h"
#include "rollout/world.h"

namespace seraphim::rollout {

std::optional<analysis::Assessment> World::assessment() const {
  const auto compared = comparison(object.spec, object.status);
  if (!compared) return std::nullopt;
  analysis::Assessment look;
  const auto count = [](const std::map<std::string, std::int32_t>& seconds_of, const std::string& revision) {
    const auto found = seconds_of.find(revision);
    return found == seconds_of.end() ? 0 : found->second;
  };
  const std::int32_t exposed = count(exposed_, compared->candidate);
  look.evidence = object.status.evidence;
  look.fresh_at = fresh_at_;
  if (metrics == Metrics::unavailable) {
    look.verdict = analysis::Unavailable{"MetricsUnavailable", "connection refused"};
    return look;
  }
  if (metrics == Metrics::stale) {
    look.verdict = analysis::Unavailable{"MetricsStale", "no new sample"};
    return look;
  }
  look.fresh_at = now;
  look.evidence.candidate_requests =
      std::int64_t{exposed} / 20 * 200;  // a status write is an effect: few of them are enough
  look.candidate_requests_in_step = std::int64_t{seconds_in_step_} * 10;
  look.suspicious = metrics == Metrics::suspicious;
  if (metrics == Metrics::few_requests) look.candidate_requests_in_step = 3;
  const Quality quality = behaviour(compared->candidate).quality;
  const bool bad = quality == Quality::bad && exposed >= 5;
  const bool bad_now =
      quality == Quality::bad_after_promotion && count(exposed_at_everything_, compared->candidate) >= 20;
  if (bad || bad_now) {
    look.verdict = analysis::RollBack{"ErrorRateWorseThanStable", "20 of 100 failed"};
  } else if (compared->stage == analysis::Stage::final && seconds_in_step_ >= 15) {
    look.verdict = analysis::Promote{};
  }
  return look;
}

std::optional<analysis::Recovery> World::recovery() const {
  const auto verified = verified_revision(object.spec, object.status);
  if (!verified) return std::nullopt;
  using Finding = analysis::Recovery::Finding;
  const std::string& state = object.status.last_rollback->verification->state;
  if (metrics == Metrics::unavailable || metrics == Metrics::stale || metrics == Metrics::few_requests)
    return analysis::Recovery{Finding::missing, "3 of 10 requests were counted", state};
  if (behaviour(*verified).quality == Quality::bad)
    return analysis::Recovery{Finding::bad, "40 of 100 requests failed", state};
  return analysis::Recovery{Finding::good, "1 of 100 requests failed", state};
}

}  // namespace seraphim::rollout
