// What two revisions did in a window of time: requests, failures, by outcome. Counted by the operator's own
// code, from raw samples, so that restarts and pods that come and go are no news to it. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "analysis/assessment.h"
#include "api/time.h"

namespace seraphim::cli {

struct SideFigures {
  std::map<std::string, double> by_outcome{};  ///< grown in the window; "success" is the good one
  double requests() const;
  double failures() const;
  /// 0..1; without requests there is no ratio.
  std::optional<double> error_ratio() const;
};

struct Figures {
  SideFigures baseline{}, candidate{};
  api::Time begin{};      ///< the first scrape in the window
  api::Duration span{0};  ///< between the first and the last scrape in the window
  double all() const { return baseline.requests() + candidate.requests(); }
  /// Requests of `side` per second; 0 where there is no span.
  double per_second(double requests) const;
};

Figures figures_of(const analysis::Samples& samples);

/// Text of a ratio: "2.5 %", or "none" without one.
std::string ratio_text(const std::optional<double>& ratio);

}  // namespace seraphim::cli
