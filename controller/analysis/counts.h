// Requests and failures of the two sides in one window of time.
#pragma once

namespace seraphim::analysis {

/// Whole numbers in practice; doubles because the formulas want them and 2^53 is enough.
struct Counts {
  double baseline_ok = 0, baseline_failed = 0;
  double candidate_ok = 0, candidate_failed = 0;

  double baseline() const { return baseline_ok + baseline_failed; }
  double candidate() const { return candidate_ok + candidate_failed; }
  double all() const { return baseline() + candidate(); }
  double failed() const { return baseline_failed + candidate_failed; }
  double candidate_share() const { return candidate() / all(); }

  Counts& operator+=(const Counts& more) {
    baseline_ok += more.baseline_ok;
    baseline_failed += more.baseline_failed;
    candidate_ok += more.candidate_ok;
    candidate_failed += more.candidate_failed;
    return *this;
  }
  bool operator==(const Counts&) const = default;
};

}  // namespace seraphim::analysis
