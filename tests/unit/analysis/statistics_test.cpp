// The stated bounds, measured: seeded, so always the same runs.
#include <gtest/gtest.h>

#include <random>

#include "analysis/sequential_test.h"

namespace seraphim::analysis {
namespace {

struct Rollout {
  double baseline, candidate;  ///< true error rates
  int requests = 50;           ///< in each look
  double weight = 0.25;
  int looks = 80;
  bool shared_outage = false;  ///< 60 % fail on both sides in looks 20 to 30
};

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}
  bool once(double probability) { return static_cast<double>(engine_()) < probability * 4294967296.0; }
  int of(int n, double probability) {
    int count = 0;
    for (int i = 0; i < n; ++i) count += once(probability) ? 1 : 0;
    return count;
  }

 private:
  std::mt19937 engine_;
};

Counts counts_of_look(const Rollout& rollout, int number, Dice& dice) {
  const bool outage = rollout.shared_outage && number >= 20 && number < 30;
  const auto rate = [&](double usual) { return outage ? usual + (1 - usual) * 0.6 : usual; };
  const int candidate = dice.of(rollout.requests, rollout.weight);
  const int baseline = rollout.requests - candidate;
  const int b_failed = dice.of(baseline, rate(rollout.baseline)),
            c_failed = dice.of(candidate, rate(rollout.candidate));
  return {static_cast<double>(baseline - b_failed), static_cast<double>(b_failed),
          static_cast<double>(candidate - c_failed), static_cast<double>(c_failed)};
}

struct Share {
  double rolled_back = 0, promoted = 0;
};

Share of_runs(const Rollout& rollout, int runs, std::uint32_t seed) {
  Dice dice(seed);
  const Parameters parameters;
  Share share;
  for (int run = 0; run < runs; ++run) {
    TestState state = start_test(parameters);
    for (int i = 0; i < rollout.looks && state.decision == Decision::go_on; ++i) {
      look(state, parameters, counts_of_look(rollout, i, dice), /*final=*/true);
    }
    share.rolled_back += state.decision == Decision::roll_back ? 1.0 / runs : 0;
    share.promoted += state.decision == Decision::promote ? 1.0 / runs : 0;
  }
  return share;
}

constexpr double kAlpha = 0.01, kBeta = 0.05;

TEST(Statistics, ACandidateThatIsNoWorseIsHardlyEverRolledBack) {
  EXPECT_LE(of_runs({.baseline = 0.01, .candidate = 0.01}, 1000, 1).rolled_back, kAlpha);
  EXPECT_LE(of_runs({.baseline = 0.05, .candidate = 0.05}, 1000, 2).rolled_back, kAlpha);
  EXPECT_LE(of_runs({.baseline = 0.05, .candidate = 0.05, .shared_outage = true}, 1000, 3).rolled_back,
            kAlpha);
}

TEST(Statistics, ACandidateThatIsWorseByTheToleranceIsHardlyEverPromoted) {
  EXPECT_LE(
      of_runs({.baseline = 0.01, .candidate = 0.02, .requests = 100, .weight = 0.5, .looks = 150}, 300, 4)
          .promoted,
      kBeta);
}

TEST(Statistics, GoodAndBadAreToldApart) {
  EXPECT_GE(
      of_runs({.baseline = 0.001, .candidate = 0.001, .requests = 100, .weight = 0.5, .looks = 150}, 200, 5)
          .promoted,
      0.95);
  EXPECT_GE(of_runs({.baseline = 0.01, .candidate = 0.2}, 300, 6).rolled_back, 0.99);
}

}  // namespace
}  // namespace seraphim::analysis
