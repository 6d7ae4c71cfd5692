// How long evidence takes, and whether the router does as it was told.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "analysis/forecast.h"
#include "analysis/share.h"

namespace seraphim::analysis {
namespace {

Pace pace(double events_per_second, double failure_share) {
  Pace pace;
  pace.events_per_second = events_per_second;
  pace.failure_share = failure_share;
  pace.evidence_left = std::log(20.0);
  pace.candidate_left = 50;
  return pace;
}

double minutes_to_promote(const Pace& pace, double weight = 0.5) {
  return std::chrono::duration<double, std::ratio<60>>(*time_to_promote(pace, weight)).count();
}

// Medians measured by hack/bench evidence at a last weight of 50 %, less the 210 s of the steps before it.
TEST(Forecast, AgreesWithWhatWasMeasured) {
  EXPECT_NEAR(minutes_to_promote(pace(5, 0.01)), (720 - 210) / 60.0, 2);
  EXPECT_NEAR(minutes_to_promote(pace(50, 0.05)), (390 - 210) / 60.0, 1);
  EXPECT_NEAR(minutes_to_promote(pace(5, 0.001)), (350 - 210) / 60.0, 1);
}

TEST(Forecast, HalfARequestASecondCannotCertifyAPointInAnHour) {
  EXPECT_GT(minutes_to_promote(pace(0.5, 0.01)), 60);
}

TEST(Forecast, GrowsWithClumpsAndAStricterTolerance) {
  const double plain = minutes_to_promote(pace(5, 0.01));
  Pace clumped = pace(5, 0.01);
  clumped.clump = 10;
  EXPECT_NEAR(minutes_to_promote(clumped), 10 * plain, 0.1);
  Pace strict = pace(5, 0.01);
  strict.parameters.delta = 0.005;
  EXPECT_GT(minutes_to_promote(strict), 2.5 * plain);
  EXPECT_GT(minutes_to_promote(pace(5, 0.01), 0.05), 2 * plain);
}

TEST(Forecast, TheLeastNumberOfRequestsCountsToo) {
  Pace done = pace(5, 0.01);
  done.evidence_left = -1;
  EXPECT_NEAR(minutes_to_promote(done, 0.1), 50 / 0.1 / 5 / 60, 0.01);
}

TEST(Forecast, WithoutTrafficThereIsNone) {
  EXPECT_FALSE(time_to_promote(pace(0, 0), 0.5));
  EXPECT_FALSE(time_to_promote(pace(5, 0), 0));
  EXPECT_TRUE(time_to_promote(pace(1e-300, 0.5), 0.5)) << "long, but a time";
}

TEST(Share, AStickyGatewayIsFoundOut) {
  EXPECT_TRUE(is_off_target({10680, 100000}, 0.10)) << "10.68 % at 10 %";
  EXPECT_FALSE(is_off_target({1068, 10000}, 0.10)) << "may be chance";
  EXPECT_TRUE(is_off_target({400, 1000}, 0.20));
  EXPECT_TRUE(is_off_target({0, 100}, 0.20)) << "nothing gets through";
  EXPECT_FALSE(is_off_target({0, 10}, 0.20));
  EXPECT_FALSE(is_off_target({0, 0}, 0.20));
  EXPECT_FALSE(is_off_target({1010000, 10000000}, 0.10)) << "for sure, but too little to matter";
  EXPECT_GT(evidence_against_share({1010000, 10000000}, 0.10), 20);
}

// Looked at after each of 5000 requests, in 1000 runs: at most 1 in 1000 is called off target.
TEST(Share, AFairRouterIsNotAccused) {
  std::mt19937 random(7);
  int accused = 0;
  for (int run = 0; run < 1000; ++run) {
    TrafficShare share;
    bool off = false;
    for (int i = 0; i < 5000 && !off; ++i) {
      share.all += 1;
      share.candidate += static_cast<double>(random()) < 0.2 * 4294967296.0 ? 1 : 0;
      off = i % 10 == 0 && is_off_target(share, 0.2);
    }
    accused += off ? 1 : 0;
  }
  EXPECT_LE(accused, 4) << "1 is expected at most; 4 or more has a probability of 2 %";
}

}  // namespace
}  // namespace seraphim::analysis
