#include "analysis/increments.h"

#include <algorithm>

namespace seraphim::analysis {
namespace {

constexpr double kLargestExact = 9007199254740992.0;  // 2^53: a counter beyond it cannot count by one

// Written so that NaN is not good.
bool good(double value) {
  return value >= 0 && value <= kLargestExact;
}

}  // namespace

bool TargetMemory::counts(Side side) const {
  return std::any_of(last.begin(), last.end(),
                     [&](const auto& counter) { return counter.first.first == side; });
}

std::uint64_t target_id(std::string_view target) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : target) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

std::optional<std::vector<Counter>> Increments::scrape(std::string_view target, api::Time at,
                                                       std::span<const Counter> values,
                                                       std::optional<api::Time> target_start) {
  const auto [entry, first] = targets.try_emplace(target_id(target));
  TargetMemory& memory = entry->second;
  if (!first && at <= memory.seen) return std::nullopt;
  const bool has_history = first && (!target_start || *target_start < started_at);
  memory.seen = at;
  std::vector<Counter> grown;
  for (const Counter& counter : values) {
    if (!good(counter.value)) continue;
    const auto [last, born] = memory.last.try_emplace({counter.side, counter.outcome}, counter.value);
    double increment = counter.value;
    if (born) {
      if (has_history) increment = 0;
    } else {
      if (counter.value >= last->second) increment = counter.value - last->second;
      last->second = counter.value;
    }
    grown.push_back({counter.side, counter.outcome, increment});
  }
  return grown;
}

}  // namespace seraphim::analysis
