// Counters to increments. Counters start again when their process does, appear late, come twice or not at
// all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/time.h"

namespace seraphim::analysis {

enum class Side { baseline, candidate };

// A counter's outcome is "success", a kind of failure, or one of these with whatever tells it from others of
// its target. Good events and all events (or bad ones and all) are counted apart, so what one of them grows
// by is added to one side of the ratio and taken from the other. Control characters: no label value has them.
inline constexpr char kGood = '\x01', kTotalOfGood = '\x02', kBad = '\x03', kTotalOfBad = '\x04';

/// A value of one request counter of a target, or what it grew by.
struct Counter {
  Side side;
  std::string outcome;
  double value;
  bool operator==(const Counter&) const = default;
};

/// What is remembered of the process that counts.
struct TargetMemory {
  api::Time seen{};                                     ///< newest scrape that was taken in
  bool news = false;                                    ///< it came after the last look
  std::map<std::pair<Side, std::string>, double> last;  ///< last good value of each counter

  bool counts(Side side) const;
  bool operator==(const TargetMemory&) const = default;
};

/// Differences are taken per target and outcome, and summed by the caller afterwards: the sum over targets
/// falls when a pod goes away, which is not a restart.
struct Increments {
  api::Time started_at{};                         ///< when the comparison began
  std::map<std::uint64_t, TargetMemory> targets;  ///< by target_id

  /// Takes in one scrape of one target. Nothing when it is not newer than the last one: then there is nothing
  /// to look at, which is not the same as zeros. Otherwise what each given counter grew by:
  /// - value below the last one: the process restarted, all of the value is new;
  /// - a counter not seen before on a known target starts from 0 (outcome "timeout" is born with the first
  /// timeout);
  /// - a target not seen before: the value is new if the target started at or after `started_at`. If it
  /// started earlier,
  ///   or nobody knows when, its history is not evidence and the first increment is 0;
  /// - NaN, infinite, negative or beyond 2^53: left out, the last good value stays.
  std::optional<std::vector<Counter>> scrape(std::string_view target, api::Time at,
                                             std::span<const Counter> values,
                                             std::optional<api::Time> target_start);

  bool operator==(const Increments&) const = default;
};

/// A short stand-in for a target's name (FNV-1a, 64 bits), so that status stays small with a hundred pods.
std::uint64_t target_id(std::string_view target);

}  // namespace seraphim::analysis
