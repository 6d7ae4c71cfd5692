#include "operator/rollout_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>

#include "api/codec.h"
#include "api/rollback.h"

namespace seraphim::op {
namespace {

using kubernetes::ObjectKey;
using ::prometheus::BuildCounter;
using ::prometheus::BuildHistogram;
using ::prometheus::Counter;
using ::prometheus::Family;
using ::prometheus::Histogram;

const Histogram::BucketBoundaries kDetection{1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600, 1800};
const Histogram::BucketBoundaries kRollout{30,   60,    300,   600,   1800,   3600,
                                           7200, 14400, 43200, 86400, 259200, 604800};

double seconds_between(api::Time from, api::Time to) {
  return std::chrono::duration<double>(to - from).count();
}

bool rolled_back_now(const api::Status& before, const api::Status& after) {
  const auto same = [&after](const api::RollbackStatus& last) {
    return last.from_revision == after.last_rollback->from_revision && last.at == after.last_rollback->at;
  };
  return after.last_rollback && !is_by_hand(*after.last_rollback) &&
         !(before.last_rollback && same(*before.last_rollback));
}

std::string outcome_of(const api::Status& before, const api::Status& after) {
  if (after.stable_revision == before.candidate_revision) return "promoted";
  return api::rolled_back_as_failed(after, before.candidate_revision) ? "rolled_back" : "withdrawn";
}

}  // namespace

struct RolloutMetrics::Parts {
  explicit Parts(::prometheus::Registry& registry)
      : verdicts(BuildCounter()
                     .Name("seraphim_verdicts_total")
                     .Help("Verdicts written on revisions")
                     .Register(registry)),
        rollbacks(BuildCounter()
                      .Name("seraphim_rollbacks_total")
                      .Help("Rollbacks decided, by their reason")
                      .Register(registry)),
        requests(BuildCounter()
                     .Name("seraphim_candidate_requests_total")
                     .Help("Requests that candidates have answered, as far as the evidence counted them")
                     .Register(registry)),
        detection(BuildHistogram()
                      .Name("seraphim_detection_seconds")
                      .Help("From the first look that counted a failed request of the candidate to the "
                            "decision to roll it back")
                      .Register(registry)
                      .Add({}, kDetection)),
        rollouts(BuildHistogram()
                     .Name("seraphim_rollout_seconds")
                     .Help("From the choice of a candidate to the end of its rollout")
                     .Register(registry)),
        verifications(BuildCounter()
                          .Name("seraphim_rollback_verifications_total")
                          .Help("Rollbacks after which health and SLOs were verified, by the result")
                          .Register(registry)),
        good(requests.Add({{"outcome", "good"}})),
        failed(requests.Add({{"outcome", "failed"}})) {
    // There from the start, so that the first one is an increase.
    for (const char* outcome : {"promoted", "rolled_back", "withdrawn"})
      rollouts.Add({{"outcome", outcome}}, kRollout);
    for (const char* verdict : {"Healthy", "Failed", "Superseded"}) verdicts.Add({{"verdict", verdict}});
    for (const char* result : {"Recovered", "NotRecovered", "Undecided"})
      verifications.Add({{"result", result}});
  }

  Family<Counter>&verdicts, &rollbacks, &requests;
  Histogram& detection;
  Family<Histogram>& rollouts;
  Family<Counter>& verifications;
  Counter &good, &failed;
};

RolloutMetrics::RolloutMetrics(::prometheus::Registry& registry)
    : parts_(std::make_unique<Parts>(registry)) {}

RolloutMetrics::~RolloutMetrics() = default;

void RolloutMetrics::acted(const rollout::Action& action) {
  const auto* mark = std::get_if<rollout::MarkVerdict>(&action);
  if (mark == nullptr || mark->verdict == api::RevisionVerdict::none) return;
  parts_->verdicts.Add({{"verdict", to_string(mark->verdict)}}).Increment();
}

void RolloutMetrics::status_written(const api::SeraphimDeployment& before, const api::Status& after,
                                    api::Time now) {
  count_requests(before, after, now);
  count_rollback(before, after, now);
  count_verification(before, after);
  count_end(before, after, now);
}

void RolloutMetrics::forget(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  first_failures_.erase(key);
}

void RolloutMetrics::count_requests(const api::SeraphimDeployment& before, const api::Status& after,
                                    api::Time now) {
  const std::string& candidate = before.status.candidate_revision;
  if (candidate.empty() || candidate != after.candidate_revision) return;
  const api::EvidenceStatus &was = before.status.evidence, &is = after.evidence;
  const auto failed = std::max<std::int64_t>(is.candidate_failures - was.candidate_failures, 0);
  const auto all = std::max<std::int64_t>(is.candidate_requests - was.candidate_requests, 0);
  parts_->failed.Increment(static_cast<double>(failed));
  parts_->good.Increment(static_cast<double>(std::max<std::int64_t>(all - failed, 0)));
  if (is.candidate_failures == 0) return;
  const std::lock_guard lock(mutex_);
  FirstFailure& first = first_failures_[{before.namespace_, before.name}];
  if (first.candidate != candidate) first = {candidate, now};
}

void RolloutMetrics::count_rollback(const api::SeraphimDeployment& before, const api::Status& after,
                                    api::Time now) {
  if (!rolled_back_now(before.status, after)) return;
  parts_->rollbacks.Add({{"reason", after.last_rollback->reason}}).Increment();
  const std::lock_guard lock(mutex_);
  const auto first = first_failures_.find({before.namespace_, before.name});
  if (first == first_failures_.end()) return;
  if (first->second.candidate == after.last_rollback->from_revision)
    parts_->detection.Observe(seconds_between(first->second.at, now));
  first_failures_.erase(first);
}

/// One that ended because of another rollback is not counted: nothing is left of it.
void RolloutMetrics::count_verification(const api::SeraphimDeployment& before, const api::Status& after) {
  const auto pending = [](const api::Status& status) {
    return status.last_rollback && status.last_rollback->verification &&
           status.last_rollback->verification->result == api::VerificationResult::pending;
  };
  if (!pending(before.status) || pending(after) || !after.last_rollback ||
      !after.last_rollback->verification || after.last_rollback->at != before.status.last_rollback->at)
    return;
  parts_->verifications.Add({{"result", to_string(after.last_rollback->verification->result)}}).Increment();
}

void RolloutMetrics::count_end(const api::SeraphimDeployment& before, const api::Status& after,
                               api::Time now) {
  const api::Status& was = before.status;
  // The first revision is no rollout: there is nothing that it takes the place of.
  const bool under_way = !was.candidate_revision.empty() && !was.stable_revision.empty();
  if (!under_way || after.candidate_revision == was.candidate_revision) return;
  if (was.started_at)
    parts_->rollouts.Add({{"outcome", outcome_of(was, after)}}, kRollout)
        .Observe(seconds_between(*was.started_at, now));
  forget({before.namespace_, before.name});
}

}  // namespace seraphim::op
