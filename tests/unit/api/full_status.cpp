#include "api/full_status.h"

namespace seraphim::api {
namespace {

class Generator {
 public:
  Generator(std::mt19937_64& random, bool sparse) : random_(random), sparse_(sparse) {}

  bool skips() { return sparse_ && number(0, 2) == 0; }
  std::int64_t number(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }

  void fill(std::string& text) {
    static const std::vector<const char*> kParts{"a",  "-",  "sentiment", " ", "\"",
                                                 "\\", "\n", "\xc3\xa4",  "0", "37 of 100"};
    if (skips()) return;
    for (auto i = number(1, 6); i > 0; --i) text += kParts[static_cast<std::size_t>(number(0, 9))];
  }
  void fill(std::int64_t& value) {
    if (!skips()) value = number(1, INT64_MAX) >> number(0, 62);
    if (!sparse_ && value == 0) value = 1;
  }
  void fill(std::int32_t& value) {
    if (!skips()) value = static_cast<std::int32_t>(number(1, INT32_MAX) >> number(0, 30));
    if (!sparse_ && value == 0) value = 1;
  }
  void fill(Time& time) { time = Time(Duration(number(0, 4'000'000'000'000))); }
  void fill(std::optional<Time>& time) {
    if (!skips()) fill(time.emplace());
  }
  void fill(Duration& duration) {
    if (!skips()) duration = Duration(number(1, 3'600'000'000'000) >> number(0, 40));
    if (!sparse_ && duration == Duration::zero()) duration = Duration(1);
  }
  void fill(Percent& percent) {
    if (!skips()) percent = Percent::from_basis_points(static_cast<std::int32_t>(number(1, 10'000)));
  }
  void fill(std::optional<Percent>& percent) {
    if (!skips()) fill(percent.emplace());
  }
  void fill(Phase& phase) { phase = static_cast<Phase>(number(1, static_cast<int>(Phase::degraded))); }
  void fill(ConditionStatus& status) { status = static_cast<ConditionStatus>(number(0, 2)); }

  // Structured bindings name every member: a new field does not compile until it is here, and then fails the
  // round trip until the codec has it.
  void fill(WeightStatus& value) {
    auto& [desired, applied, observed] = value;
    each(desired, applied, observed);
  }
  void fill(std::vector<MetricEvidence>& metrics) {
    for (auto i = number(sparse_ ? 0 : 1, 3); i > 0; --i) {
      auto& [name, baseline_requests, baseline_failures, candidate_requests, candidate_failures, rollback,
             promotion, note, state] = metrics.emplace_back();
      each(baseline_requests, baseline_failures, candidate_requests, candidate_failures, rollback, promotion,
           note, state);
      name = "metric-" + std::to_string(i);
    }
  }
  void fill(EvidenceStatus& value) {
    auto& [baseline_requests, baseline_failures, candidate_requests, candidate_failures, rollback, promotion,
           last_look, state, metrics] = value;
    each(baseline_requests, baseline_failures, candidate_requests, candidate_failures, rollback, promotion,
         last_look, state, metrics);
  }
  void fill(VerificationResult& result) { result = static_cast<VerificationResult>(number(0, 3)); }
  void fill(std::optional<VerificationStatus>& value) {
    if (skips()) return;
    auto& [result, until, decided, message, state] = value.emplace();
    each(result, until, decided, message, state);
  }
  void fill(std::optional<RollbackStatus>& value) {
    if (skips()) return;
    auto& [from, to, reason, message, at, verification] = value.emplace();
    each(from, to, reason, message, at, verification);
  }
  void fill(std::vector<Condition>& conditions) {
    for (auto i = number(sparse_ ? 0 : 1, 4); i > 0; --i) {
      auto& [type, status, reason, message, generation, last_transition] = conditions.emplace_back();
      each(status, reason, message, generation, last_transition);
      type = "Type" + std::to_string(i);
    }
  }
  void fill(Status& value) {
    auto& [phase, generation, stable, candidate, previous, step, started, progress, step_started, held,
           hold_clock, promoted, undecided, weightless, weight, restores, restored, foreign, models,
           models_at, split_at, approved, retry, evidence, rollback, conditions, replicas, selector] = value;
    each(phase, generation, stable, candidate, previous, step, started, progress, step_started, held,
         hold_clock, promoted, undecided, weightless, weight, restores, restored, foreign, models, models_at,
         split_at, approved, retry, evidence, rollback, conditions, replicas, selector);
  }

 private:
  template <typename... Fields>
  void each(Fields&... fields) {
    (fill(fields), ...);
  }

  std::mt19937_64& random_;
  bool sparse_;
};

}  // namespace

Status any_status(std::mt19937_64& random, bool sparse) {
  Status status;
  Generator(random, sparse).fill(status);
  return status;
}

}  // namespace seraphim::api
