#include "traffic_model.h"

#include <algorithm>
#include <cmath>

namespace seraphim::bench {
namespace {

constexpr double kOutageBegin = 120, kOutageEnd = 180, kOutageRate = 0.6;

}  // namespace

double TrafficModel::draw_poisson(double mean) {
  return mean <= 0 ? 0 : static_cast<double>(std::poisson_distribution<std::int64_t>(mean)(random_));
}

double TrafficModel::candidate_rate() const {
  const Difference& d = situation_.candidate;
  return d.instead > 0 ? d.instead : std::min(1.0, situation_.baseline_rate * d.times + d.plus);
}

TrafficModel::Side TrafficModel::side(double mean, double rate) {
  const double requests = draw_poisson(mean);
  const double clump = situation_.candidate.clump;
  if (requests <= 0) return {};
  double failed = 0;
  if (clump <= 1) {
    failed = static_cast<double>(
        std::binomial_distribution<std::int64_t>(static_cast<std::int64_t>(requests), rate)(random_));
  } else {
    // A clump is no larger than the look; the more clumps then, so that the rate stays what it is.
    std::geometric_distribution<int> more(1 / clump);
    const double mean_size = clump * (1 - std::pow(1 - 1 / clump, requests));
    for (double clumps = draw_poisson(requests * rate / mean_size); clumps > 0; --clumps)
      failed += std::min(requests, 1.0 + more(random_));
    failed = std::min(failed, requests);
  }
  return {requests - failed, failed};
}

analysis::Counts TrafficModel::look(double time, double weight) {
  const double all = situation_.requests_per_second * kLook;
  const bool outage = situation_.candidate.outage && time >= kOutageBegin && time < kOutageEnd;
  const auto with_outage = [&](double rate) { return outage ? rate + (1 - rate) * kOutageRate : rate; };
  const double worse = time >= situation_.candidate.from ? candidate_rate() : situation_.baseline_rate;
  const Side baseline = side(all * (1 - weight), with_outage(situation_.baseline_rate));
  const Side candidate = side(all * weight, with_outage(worse));
  return {baseline.ok, baseline.failed, candidate.ok, candidate.failed};
}

}  // namespace seraphim::bench
