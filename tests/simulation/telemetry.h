// The router that sends requests, and the Prometheus that counts them.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kubernetes/transport.h"
#include "simulation/cluster.h"

namespace seraphim::simulation {

/// Sends a steady stream of requests by the weights that it has applied, which is later than they were
/// written.
class Router final : public Part {
 public:
  Router(const ApiStore& store, const Cluster& cluster, const WorldClock& clock, Seed seed, int per_second);

  SimTime due() const override { return apply_at_; }
  void act() override;
  void on_write(const Write& write);

  /// Counts what was sent since the last time. To be called before anything changes that it depends on.
  void catch_up();
  /// Of all traffic, by the weights that are in force.
  double share(const std::string& revision) const;
  /// Since when many of its requests fail, as far as it has any; nothing for a good one.
  std::optional<SimTime> failing_since(const std::string& revision) const;
  void slow_down(std::chrono::milliseconds by) { lag_ = by; }
  void forget(const std::string& pod) { counters_.erase(pod); }

  struct Counter {
    std::string revision;
    std::int64_t good = 0, failed = 0;
  };
  const std::map<std::string, Counter>& counters() const { return counters_; }  ///< by pod

 private:
  struct Backend {
    std::string service;
    std::int64_t weight;
  };
  double failure_rate(const std::string& revision) const;

  const ApiStore& store_;
  const Cluster& cluster_;
  const WorldClock& clock_;
  Chance chance_;
  const int per_second_;
  std::vector<Backend> backends_;
  SimTime apply_at_ = kNever, counted_until_{};
  std::chrono::milliseconds lag_{};
  double left_over_ = 0;  ///< of a request
  std::map<std::string, Counter> counters_;
  std::map<std::string, SimTime> serving_since_;
};

enum class MetricsFault { none, refused, timeout, error, nan, wrong_type, empty, no_scrapes };
std::string_view to_string(MetricsFault fault);

class Prometheus final : public Part, public kubernetes::Transport {
 public:
  Prometheus(Router& router, const Cluster& cluster, const WorldClock& clock,
             std::chrono::milliseconds interval);

  SimTime due() const override { return next_scrape_; }
  void act() override;

  kubernetes::Response call(const kubernetes::Request& request, std::chrono::milliseconds timeout,
                            std::stop_token stop) noexcept override;
  kubernetes::CallStatus stream(const kubernetes::Request& request, std::chrono::seconds idle,
                                std::stop_token stop, kubernetes::LineSink& sink) noexcept override;

  void set_fault(MetricsFault fault);
  MetricsFault fault() const { return fault_; }
  /// While `hides` says so, no failure is counted.
  void hide_failures(std::function<bool()> hides) { hides_failures_ = std::move(hides); }
  /// Since when nothing new could be learned from it; nothing when it works.
  std::optional<SimTime> blind_since() const { return blind_since_; }

 private:
  struct Sample {
    SimTime at;
    std::int64_t good, failed;
  };
  struct Series {
    std::string revision;
    std::deque<Sample> samples;
  };
  std::string answer(const std::string& query) const;

  Router& router_;
  const Cluster& cluster_;
  const WorldClock& clock_;
  const std::chrono::milliseconds interval_;
  SimTime next_scrape_;
  std::map<std::string, Series> series_;  ///< by pod
  MetricsFault fault_ = MetricsFault::none;
  std::optional<SimTime> blind_since_;
  std::function<bool()> hides_failures_;
};

}  // namespace seraphim::simulation
