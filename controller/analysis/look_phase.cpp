#include "analysis/look_phase.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace seraphim::analysis {
namespace {

using std::chrono::milliseconds;

struct Rhythm {
  api::Time newest{};
  std::optional<milliseconds> period;  ///< shortest time between two scrapes of one target
};

std::optional<Rhythm> rhythm_of(const std::vector<CounterSample>& samples) {
  std::map<std::string_view, std::set<api::Time>> scrapes;
  for (const auto& sample : samples) scrapes[sample.target].insert(sample.at);
  if (scrapes.empty()) return std::nullopt;
  Rhythm rhythm;
  for (const auto& [target, times] : scrapes) {
    rhythm.newest = std::max(rhythm.newest, *times.rbegin());
    for (auto next = std::next(times.begin()); next != times.end(); ++next) {
      const milliseconds gap = *next - *std::prev(next);
      rhythm.period = std::min(rhythm.period.value_or(gap), gap);
    }
  }
  return rhythm;
}

}  // namespace

milliseconds LookPhase::until_next(const Samples& samples, api::Time now, milliseconds interval) {
  const auto rhythm = rhythm_of(samples.candidate);
  if (!rhythm || !rhythm->period) {
    expected_.reset();
    return interval;
  }
  const milliseconds period = *rhythm->period;
  // Half a period of tolerance: scrapes jitter. Later than that it has not arrived, or the clocks differ.
  if (expected_ && now >= *expected_ && rhythm->newest < *expected_ - period / 2)
    arrival_ = std::min(arrival_ * 2, period / 2);
  const milliseconds age = now - rhythm->newest;
  const auto periods = std::max<std::int64_t>(1, (age + interval + period / 2 - arrival_) / period);
  expected_ = rhythm->newest + periods * period;
  return std::clamp(milliseconds(*expected_ + arrival_ - now), interval / 2, interval * 3 / 2);
}

}  // namespace seraphim::analysis
