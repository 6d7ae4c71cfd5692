// Rules that decide about a canary: ours, and models of what Flagger and Argo Rollouts do.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analysis/counts.h"

namespace seraphim::bench {

enum class Outcome { undecided, rolled_back, promoted };

/// One rollout's life under a rule.
class Rule {
 public:
  virtual ~Rule() = default;
  /// A look at the stable revision before the rollout.
  virtual void history(const analysis::Counts& /*counts*/) {}
  /// The candidate's share of the traffic until the next look, 0..1.
  virtual double weight() const = 0;
  /// `time`: seconds since the start of the rollout, at the end of the look.
  virtual Outcome look(double time, const analysis::Counts& counts) = 0;
};

struct RuleKind {
  std::string name;
  /// Argument: the true error rate of the stable revision, which only a rule "tuned" by an oracle uses.
  std::function<std::unique_ptr<Rule>(double)> make;
};

/// In the order of the tables.
const std::vector<RuleKind>& rule_kinds();

}  // namespace seraphim::bench
