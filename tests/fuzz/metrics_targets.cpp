#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/assessment.h"
#include "analysis/evidence.h"
#include "prometheus/batches.h"
#include "prometheus/query_answer.h"
#include "replay/history_codec.h"
#include "rollout/pass_record.h"
#include "targets.h"

namespace seraphim::fuzz {
namespace {

using namespace std::chrono_literals;

api::Analysis settings() {
  api::Analysis analysis;
  analysis.prometheus.address = "http://p";
  analysis.latency = api::LatencyAnalysis{500ms};
  analysis.metrics = {
      {"queue", api::ValueMetric{"q", std::nullopt, api::Bound{1, "1"}}},
      {"drift", api::DriftMetric{api::DriftMeasure::kl, "b", "c", api::Bound{0.15, "0.15"}, 1}}};
  return analysis;
}

prometheus::Want want(analysis::Series series) {
  prometheus::Want want{.id = "a",
                        .source = settings().prometheus,
                        .object_namespace = "n",
                        .object_name = "a",
                        .baseline = "a-1",
                        .candidate = "a-2",
                        .series = std::move(series)};
  want.window = 15s;
  return want;
}

/// A look with whatever was read; evidence must stay numbers, and never be lost on the way into the status.
void look_at(const api::EvidenceStatus& last, const analysis::Answers& answers) {
  constexpr api::Time kNow{1'700'000'000s};
  const auto out = analysis::assess(settings(), last, answers, analysis::Stage::step, 1, kNow);
  if (out.fresh_at) require(*out.fresh_at <= kNow, "nothing is fresher than now");
  const auto evidence = analysis::decode(out.evidence.state);
  if (!evidence) return;
  require(std::isfinite(evidence->test.promotion.log_total), "evidence is a number");
  require(analysis::decode(analysis::encode(*evidence)) == evidence, "evidence comes back as it was");
  const auto again = analysis::assess(settings(), out.evidence, answers, analysis::Stage::step, 1, kNow);
  require(again.evidence == out.evidence, "the same answer twice brings nothing new");
}

}  // namespace

void fuzz_query_answer(std::string_view bytes) {
  const auto answer = prometheus::parse_query_answer(bytes);
  if (!answer) return require(!answer.error().what.empty(), "an error is a sentence");
  const auto* matrix = std::get_if<prometheus::Matrix>(&answer->data);
  if (matrix == nullptr) return;
  analysis::Answers answers;
  for (const bool latency : {false, true}) {
    const std::vector<prometheus::Want> wants{
        want(latency ? analysis::Series(analysis::LatencySeries{500ms}) : analysis::RequestSeries{})};
    const auto batches = prometheus::batches_of(wants);
    const auto shared = prometheus::share_out(batches.at(0), *matrix);
    require(shared.size() == 1, "each want has an answer");
    if (latency) answers.metrics.emplace("latency", shared[0]);
    if (!latency) answers.requests = shared[0];
  }
  // The same series as two distributions, by way of their outcomes.
  answers.metrics.emplace("drift", answers.requests);
  look_at({}, answers);
}

void fuzz_evidence(std::string_view bytes) {
  api::EvidenceStatus last;
  last.state = std::string(bytes);
  for (const char* name : {"latency", "queue", "drift"}) {
    api::MetricEvidence& metric = last.metrics.emplace_back();
    metric.name = name;
    metric.state = last.state;
  }
  analysis::Samples samples;
  for (const double value : {10.0, 12.0}) {
    const api::Time at{std::chrono::milliseconds(1'699'999'990'000 + static_cast<std::int64_t>(value * 500))};
    samples.baseline.push_back({"b", "success", value, at});
    samples.candidate.push_back({"c", "timeout", value, at});
  }
  look_at(last, samples);
}

void fuzz_history(std::string_view bytes) {
  const auto history = replay::decode_history(bytes);
  if (!history) return require(!history.error().empty(), "an error is a sentence");
  const std::string text = replay::encode(*history);
  const auto again = replay::decode_history(text);
  require(again && replay::encode(*again) == text, "a history comes back as it was");
}

void fuzz_pass_line(std::string_view bytes) {
  const auto record = rollout::parse_line(bytes);
  if (!record) return;
  require(!rollout::to_line(*record).empty(), "what was read can be written");
}

}  // namespace seraphim::fuzz
