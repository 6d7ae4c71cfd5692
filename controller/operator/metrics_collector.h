// Asks Prometheus about every object that is being compared, once per interval and server, and keeps the
// newest answer of each. Cost grows with Prometheus servers, not with objects: what is due within half its
// interval is asked in one go with what is due now, so a server is asked at most twice in the shortest
// interval.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "analysis/look_phase.h"
#include "api/spec.h"
#include "kubernetes/clock.h"
#include "kubernetes/object_meta.h"
#include "prometheus/metrics_source.h"

namespace seraphim::op {

/// Who is compared with whom, and where to ask.
struct Question {
  api::PrometheusSource source{};
  std::chrono::milliseconds interval{5000}, window{15000};
  std::chrono::milliseconds essential_window{0};  ///< as in prometheus::Want
  std::string baseline{}, candidate{};
  bool promoted = false;  ///< as in prometheus::Want
  struct Metric {
    analysis::Series series;
    std::chrono::milliseconds window;
  };
  std::map<std::string, Metric> metrics{};  ///< further ones, by name
};

/// Thread-safe; step() is for one thread.
class MetricsCollector {
 public:
  MetricsCollector(prometheus::MetricsSource& source, const kubernetes::Clock& clock)
      : source_(source), clock_(clock) {}

  /// Another pair of revisions or roles, or another server, asks at once. Repeating a question changes
  /// nothing.
  void watch(const kubernetes::ObjectKey& key, const Question& question);
  void forget(const kubernetes::ObjectKey& key);
  /// Nothing when nothing was asked yet, or about other revisions.
  std::optional<analysis::Answers> latest(const kubernetes::ObjectKey& key, const std::string& baseline,
                                          const std::string& candidate) const;

  /// Asks for what is due and returns whose answer is new.
  std::vector<kubernetes::ObjectKey> step(const std::stop_token& stop);
  /// When step() is to be called next; nothing when nobody is compared.
  std::optional<kubernetes::SteadyTime> next_due() const;
  /// Told, outside of locks, when next_due() came nearer.
  void on_sooner(std::function<void()> wake) { wake_ = std::move(wake); }

 private:
  struct Subject {
    Question question;
    kubernetes::SteadyTime due;
    analysis::LookPhase phase{};
    std::optional<analysis::Answers> answers{};
  };

  /// Adds what is due to `wants`, with its next time already set. The ids are those of wants_of().
  std::vector<kubernetes::ObjectKey> take_due(std::vector<prometheus::Want>& wants);

  prometheus::MetricsSource& source_;
  const kubernetes::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<kubernetes::ObjectKey, Subject> subjects_;
  std::function<void()> wake_;
};

}  // namespace seraphim::op
