#include "rules.h"

#include <cmath>

#include "analysis/sequential_test.h"

namespace seraphim::bench {
namespace {

using analysis::Counts;

const std::vector<double>& steps() {
  static const std::vector<double> all{0.05, 0.10, 0.25, 0.50};
  return all;
}

/// The test of controller/analysis, with steps left after 60 s and 10 candidate requests, or after 300 s.
class Sequential : public Rule {
 public:
  explicit Sequential(const analysis::Parameters& parameters)
      : parameters_(parameters), state_(analysis::start_test(parameters)) {}

  void history(const Counts& counts) override {
    state_.clumps.observe_baseline(counts.baseline(), counts.baseline_failed);
  }
  double weight() const override { return steps()[step_]; }

  Outcome look(double time, const Counts& counts) override {
    if (!began_) state_.clumps.forget_previous();
    began_ = true;
    const bool last = step_ + 1 == steps().size();
    const auto evidence = analysis::look(state_, parameters_, counts, last);
    if (state_.decision == analysis::Decision::roll_back) return Outcome::rolled_back;
    if (state_.decision == analysis::Decision::promote) return Outcome::promoted;
    requests_ += counts.candidate();
    const double held = time - since_;
    const bool enough = (held >= 60 && requests_ >= 10) || held >= 300;
    if (!last && enough && evidence.rollback < std::log(parameters_.suspicion)) {
      ++step_;
      since_ = time;
      requests_ = 0;
    }
    return Outcome::undecided;
  }

 private:
  analysis::Parameters parameters_;
  analysis::TestState state_;
  bool began_ = false;
  std::size_t step_ = 0;
  double since_ = 0, requests_ = 0;
};

/// One comparison of the last minute's success rate with a threshold, once a minute; failed checks are
/// counted over all steps. A passed check is the next step.
class Threshold : public Rule {
 public:
  struct Settings {
    double most_failures;     ///< error rate above which a check fails
    int failed_checks;        ///< so many roll back
    bool empty_window_fails;  ///< a minute without a candidate request
  };
  explicit Threshold(const Settings& settings) : settings_(settings) {}

  double weight() const override { return steps()[step_]; }

  Outcome look(double time, const Counts& counts) override {
    minute_ += counts;
    if (std::fmod(time, 60) > 1e-9) return Outcome::undecided;
    const bool empty = minute_.candidate() < 1;
    const bool failed = empty ? settings_.empty_window_fails
                              : minute_.candidate_failed > settings_.most_failures * minute_.candidate();
    minute_ = {};
    if (failed) return ++failed_ >= settings_.failed_checks ? Outcome::rolled_back : Outcome::undecided;
    if (step_ + 1 == steps().size()) return Outcome::promoted;
    ++step_;
    return Outcome::undecided;
  }

 private:
  Settings settings_;
  Counts minute_;
  std::size_t step_ = 0;
  int failed_ = 0;
};

template <class T, class... Arguments>
std::unique_ptr<Rule> make(Arguments... arguments) {
  return std::make_unique<T>(arguments...);
}

}  // namespace

const std::vector<RuleKind>& rule_kinds() {
  static const std::vector<RuleKind> kinds{
      {"sequential test", [](double) { return make<Sequential>(analysis::Parameters{}); }},
      {"the same, clumps of 20",
       [](double) {
         analysis::Parameters parameters;
         parameters.min_clump = 20;
         return make<Sequential>(parameters);
       }},
      {"Flagger-like",
       [](double) {
         return make<Threshold>(Threshold::Settings{0.01, 5, true});
       }},
      {"Argo-like",
       [](double) {
         return make<Threshold>(Threshold::Settings{0.01, 1, false});
       }},
      {"Flagger, tuned",
       [](double rate) {
         return make<Threshold>(Threshold::Settings{rate + 0.01, 5, true});
       }},
  };
  return kinds;
}

}  // namespace seraphim::bench
