// Simulated requests of a canary rollout, look by look: what the rules are measured on.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "analysis/counts.h"

namespace seraphim::bench {

/// How the candidate differs, and what else happens. Rates are fractions, times seconds.
struct Difference {
  std::string name;     ///< as in the tables: "x2", "+1pp", "x5 from 200s", ...
  double times = 1;     ///< candidate's error rate: baseline's times this ...
  double plus = 0;      ///< ... plus this
  double instead = 0;   ///< when positive: this rate, whatever the baseline's
  double from = 0;      ///< before that the candidate is no worse
  double clump = 1;     ///< mean size of clumps of failures; they land in one look and one variant
  bool outage = false;  ///< for 60 s, 60 % of the requests of both fail in addition
};

struct Situation {
  double baseline_rate = 0.01;
  double requests_per_second = 50;
  Difference candidate;
};

class TrafficModel {
 public:
  static constexpr double kLook = 5;  ///< seconds

  TrafficModel(const Situation& situation, std::uint64_t seed) : situation_(situation), random_(seed) {}

  /// The requests of the `kLook` seconds from `time` on; `weight` is the candidate's share of them, 0..1.
  analysis::Counts look(double time, double weight);

 private:
  double candidate_rate() const;
  struct Side {
    double ok = 0, failed = 0;
  };
  Side side(double mean, double rate);
  double draw_poisson(double mean);

  const Situation& situation_;
  std::mt19937_64 random_;
};

}  // namespace seraphim::bench
