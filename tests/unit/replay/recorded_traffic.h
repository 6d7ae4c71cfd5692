// Histories as a Prometheus would have them: pods that count requests and fail at random, by a seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "api/seraphim_deployment.h"
#include "replay/history.h"

namespace seraphim::replay::testing {

using std::chrono::milliseconds;

inline constexpr api::Time kBegin{std::chrono::hours(24 * 365 * 55)};

/// A target as the metrics source names it.
inline std::string target_of(const std::string& pod) {
  return "namespace=shop\npod=" + pod + "\nrevision=" + pod.substr(0, 3) + "\n";
}

/// Steps 10 %, 25 %, 50 % with holds of 5 s, no bake, a look each second.
inline api::SeraphimDeployment manifest() {
  api::SeraphimDeployment object;
  object.name = "sentiment";
  object.namespace_ = "shop";
  object.generation = 1;
  api::PodsWorkload workload;
  workload.replicas = 2;
  workload.pod_template.text = "{}";
  object.spec.workload = workload;
  object.spec.traffic = api::GatewayApiTraffic{{{"sentiment"}}, {}, {}};
  const std::chrono::seconds hold(5);
  object.spec.strategy.steps = {{api::Percent::whole(10), hold, false},
                                {api::Percent::whole(25), hold, false},
                                {api::Percent::whole(50), hold, false}};
  object.spec.analysis = api::Analysis{};
  object.spec.analysis->prometheus.address = "http://prometheus:9090";
  object.spec.analysis->interval = std::chrono::seconds(1);
  return object;
}

struct Traffic {
  std::uint64_t seed = 1;
  std::chrono::seconds length{180}, candidate_from{20};
  double requests = 50, share = 0.3;                 ///< per second in all; of it the candidate's
  double stable_rate = 0.01, candidate_rate = 0.01;  ///< of failure
  int stable_pods = 2;
  /// Both revisions fail at this rate at this second of the span; 0: as usual.
  std::function<double(int second)> outage{};
  std::function<bool(int second)> scraped{};   ///< false: no sample of anybody
  std::function<bool(int second)> restarts{};  ///< all processes begin to count anew
};

/// Pods are scraped once a second, each at its own moment.
class Recording {
 public:
  explicit Recording(const Traffic& traffic) : traffic_(traffic), random_(traffic.seed) {}

  History history() {
    const auto length = static_cast<int>(traffic_.length.count());
    for (int second = 0; second < length; ++second) {
      const bool candidate_runs = second >= traffic_.candidate_from.count();
      if (traffic_.restarts && traffic_.restarts(second)) counters_.clear();
      serve(second, candidate_runs);
      if (traffic_.scraped && !traffic_.scraped(second)) continue;
      for (int pod = 0; pod < traffic_.stable_pods; ++pod)
        scrape("a-1-" + std::to_string(pod), second, milliseconds(137 + 311 * pod), samples_.baseline);
      if (candidate_runs) scrape("a-2-0", second, milliseconds(420), samples_.candidate);
    }
    History history{"a-1", "a-2", kBegin, kBegin + traffic_.length, {}};
    history.answers = analysis::Answers(samples_);
    put_in_order(history.answers);
    return history;
  }

 private:
  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  void serve(int second, bool candidate_runs) {
    const double shared = traffic_.outage ? traffic_.outage(second) : 0;
    std::poisson_distribution<int> requests(traffic_.requests);
    for (int i = requests(random_); i > 0; --i) {
      const bool to_candidate = uniform() < traffic_.share && candidate_runs;
      const double own = to_candidate ? traffic_.candidate_rate : traffic_.stable_rate;
      const auto pod = static_cast<int>(uniform() * traffic_.stable_pods);
      const std::string name = to_candidate ? "a-2-0" : "a-1-" + std::to_string(pod);
      counters_[name][uniform() < std::max(own, shared) ? "error" : "success"] += 1;
    }
  }
  void scrape(const std::string& pod, int second, milliseconds phase,
              std::vector<analysis::CounterSample>& samples) {
    const api::Time at = kBegin + std::chrono::seconds(second) + phase;
    counters_[pod].try_emplace("success", 0);
    counters_[pod].try_emplace("error", 0);
    for (const auto& [outcome, value] : counters_[pod])
      samples.push_back({target_of(pod), outcome, value, at});
  }

  Traffic traffic_;
  std::mt19937_64 random_;
  std::map<std::string, std::map<std::string, double>> counters_;
  analysis::Samples samples_;
};

inline History recorded(const Traffic& traffic = {}) {
  return Recording(traffic).history();
}

}  // namespace seraphim::replay::testing
