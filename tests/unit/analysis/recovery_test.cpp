// What the requests since a rollback say of the revision that serves.
#include "analysis/recovery.h"

#include <gmock/gmock.h>

#include "analysis/scenario.h"

namespace seraphim::analysis {
namespace {

using Finding = Recovery::Finding;
using ::testing::HasSubstr;
using testing::kStart;
using ::testing::Not;
using testing::seconds;

/// One pod of the stable revision that is scraped and looked at each second.
class Service {
 public:
  Service() {
    analysis.interval = seconds(1);
    analysis.error_rate.ceiling = api::Percent::whole(10);
    state = begin_recovery(now);
  }

  /// So many requests in each of the next seconds, some of which fail.
  Recovery serve(int for_seconds, double good, double failed) {
    for (int i = 0; i < for_seconds; ++i) {
      now += seconds(1);
      count(good, failed);
      look();
    }
    return last;
  }
  void count(double good, double failed) {
    good_ += good;
    failed_ += failed;
    answers.requests = Samples{{}, {{"pod", "success", good_, now}, {"pod", "timeout", failed_, now}}, ""};
  }
  Recovery look() {
    last = assess_recovery(analysis, state, answers, now);
    state = last.state;
    return last;
  }

  api::Analysis analysis;
  api::Time now = kStart;
  std::string state;
  Answers answers;
  Recovery last;

 private:
  double good_ = 5000, failed_ = 4000;  ///< before the rollback
};

TEST(Recovery, AServiceWithinItsCeilingIsGood) {
  Service service;
  const Recovery out = service.serve(20, 50, 1);
  EXPECT_EQ(out.finding, Finding::good) << out.message;
  EXPECT_THAT(out.message, HasSubstr("19 of 969 requests failed (2.0 %), the ceiling is 10%"))
      << "the first scrape only says where the counters stood";
}

TEST(Recovery, ADriftComparesTwoRevisionsAndIsNotAsked) {
  Service service;
  service.analysis.metrics = {{"drift", api::DriftMetric{api::DriftMeasure::kl, "b", "c", {0.15, "0.15"}}}};
  EXPECT_EQ(service.serve(20, 50, 1).finding, Finding::good) << "it was not asked for";
  for (const Answer& answer : {Answer(Samples{{}, {{"", "label=a", 500, service.now}}, ""}),
                               Answer(NoSamples{"MetricsUnavailable", "0/0"})}) {
    service.answers.metrics["drift"] = answer;
    const Recovery out = service.serve(1, 50, 1);
    EXPECT_EQ(out.finding, Finding::good) << out.message;
  }
}

TEST(Recovery, AServiceThatFailsIsBadForGood) {
  Service service;
  const Recovery out = service.serve(10, 50, 50);
  EXPECT_EQ(out.finding, Finding::bad) << out.message;
  EXPECT_THAT(out.message, HasSubstr("(50.0 %), the ceiling is 10%"));
  EXPECT_EQ(service.serve(1, 50, 0).finding, Finding::bad) << "the bound holds at any time, so it stays";
}

TEST(Recovery, ALittleAboveTheCeilingIsAboveAndNoProof) {
  Service service;
  EXPECT_EQ(service.serve(6, 7, 1).finding, Finding::above) << service.last.message;
}

TEST(Recovery, FewRequestsAreNotEnough) {
  Service service;
  EXPECT_EQ(service.serve(10, 1, 0).finding, Finding::missing);
  EXPECT_THAT(service.last.message,
              HasSubstr("0 of 9 requests failed (0.0 %), the ceiling is 10%, and 10 are"));
  EXPECT_EQ(service.serve(1, 1, 0).finding, Finding::good);
}

TEST(Recovery, NothingIsNotGood) {
  Service service;
  const Recovery none = service.look();
  EXPECT_EQ(none.finding, Finding::missing);
  EXPECT_THAT(none.message, HasSubstr("nothing of the stable revision has been counted"));
  service.answers = NoSamples{"MetricsUnavailable", "connection refused"};
  EXPECT_EQ(service.look().finding, Finding::missing);
  EXPECT_THAT(service.last.message, HasSubstr("connection refused"));
}

TEST(Recovery, DataThatGrowsOldIsMissing) {
  Service service;
  ASSERT_EQ(service.serve(20, 50, 0).finding, Finding::good);
  service.now += seconds(16);
  EXPECT_EQ(service.look().finding, Finding::missing);
  EXPECT_THAT(service.last.message, HasSubstr("no sample of the stable revision since"));
}

TEST(Recovery, WhatCameBeforeDoesNotCount) {
  Service service;
  service.now += seconds(5);
  service.state = begin_recovery(service.now);
  service.now += seconds(1);
  service.count(0, 0);
  auto& samples = std::get<Samples>(service.answers.requests).candidate;
  for (int second = 0; second < 5; ++second)  // the answer's window reaches back
    samples.push_back({"pod", "timeout", 1000.0 * second, kStart + seconds(second)});
  EXPECT_EQ(service.look().finding, Finding::missing);
  EXPECT_EQ(service.serve(20, 100, 0).finding, Finding::good) << service.last.message;
  EXPECT_THAT(service.last.message, HasSubstr("0 of 2000 requests"));
}

TEST(Recovery, TheOtherSideDoesNotCount) {
  Service service;
  service.serve(10, 50, 0);
  auto& samples = std::get<Samples>(service.answers.requests);
  for (int i = 1; i <= 5; ++i)
    samples.baseline.push_back({"other", "timeout", 1000.0 * i, service.now - seconds(5 - i)});
  EXPECT_EQ(service.look().finding, Finding::good) << service.last.message;
}

TEST(Recovery, ASecondLookAtTheSameRemembersTheSame) {
  Service service;
  service.serve(10, 50, 1);
  const Recovery before = service.last;
  service.now += testing::milliseconds(300);
  EXPECT_EQ(service.look().state, before.state);
  EXPECT_EQ(service.last.message, before.message);
}

TEST(Recovery, ARestartLosesNothing) {
  Service once, restarted;
  once.serve(10, 50, 3);
  restarted.serve(5, 50, 3);
  const std::string text = restarted.state;  // all that is left of it
  restarted.last = {};
  restarted.state = text;
  EXPECT_EQ(restarted.serve(5, 50, 3).message, once.last.message);
}

TEST(Recovery, AnUnknownStateBeginsAnew) {
  for (const char* text : {"", "[]", "{", "{\"since\": \"x\"}", "{\"since\": 5, \"evidence\": []}"}) {
    Service service;
    service.state = text;
    EXPECT_EQ(service.serve(15, 50, 0).finding, Finding::good) << text << ": " << service.last.message;
  }
}

TEST(Recovery, AStateFromTheFutureBeginsNow) {
  Service service;
  service.state = begin_recovery(service.now + std::chrono::hours(1));
  service.serve(15, 50, 0);
  EXPECT_EQ(service.last.finding, Finding::good) << "a clock was set back: " << service.last.message;
}

struct WithLatency : Service {
  WithLatency() { analysis.latency = api::LatencyAnalysis{.objective = testing::milliseconds(500)}; }
  Recovery serve_slowly(int for_seconds, double fast, double slow) {
    for (int i = 0; i < for_seconds; ++i) {
      now += seconds(1);
      count(fast + slow, 0);
      fast_ += fast;
      all_ += fast + slow;
      const std::string good(1, kGood), total(1, kTotalOfGood);
      answers.metrics.insert_or_assign(
          kLatency, Samples{{}, {{"pod", good, fast_, now}, {"pod", total, all_, now}}, "le 0.5"});
      look();
    }
    return last;
  }
  double fast_ = 0, all_ = 0;
};

TEST(Recovery, TheLatencyCountsAsWell) {
  WithLatency fast, slow;
  EXPECT_EQ(fast.serve_slowly(20, 50, 1).finding, Finding::good) << fast.last.message;
  EXPECT_THAT(fast.last.message, HasSubstr("latency: 19 of 969 requests slower than 500ms (2.0 %)"));
  EXPECT_EQ(slow.serve_slowly(20, 20, 30).finding, Finding::bad) << slow.last.message;
  WithLatency unseen;
  EXPECT_EQ(unseen.serve(20, 50, 0).finding, Finding::missing) << "no histogram is not good";
  EXPECT_THAT(unseen.last.message, HasSubstr("latency"));
}

struct WithValue : Service {
  WithValue() {
    api::ValueMetric queue{.query = "queue", .max = api::Bound{10, "10"}};
    analysis.metrics = {{"queue", queue}};
  }
  Recovery look_at(double value) {
    answers.metrics.insert_or_assign("queue", Samples{{}, {{"", "", value, now + seconds(1)}}, ""});
    return serve(1, 50, 0);
  }
};

TEST(Recovery, ValuesHaveToBeWithinTheirBounds) {
  WithValue good, once, bad, absent;
  for (int i = 0; i < 10; ++i) good.look_at(3);
  EXPECT_EQ(good.last.finding, Finding::good) << good.last.message;
  EXPECT_THAT(good.last.message, HasSubstr("queue: within its bounds"));
  for (int i = 0; i < 10; ++i) once.look_at(i == 9 ? 12 : 3);
  EXPECT_EQ(once.last.finding, Finding::above);
  EXPECT_THAT(once.last.message, HasSubstr("queue: 12 is above 10 in 1 of 3 looks in a row"));
  for (int i = 0; i < 10; ++i) bad.look_at(12);
  EXPECT_EQ(bad.last.finding, Finding::bad);
  absent.serve(10, 50, 0);
  absent.answers.metrics.insert_or_assign("queue", Samples{});
  EXPECT_EQ(absent.serve(1, 50, 0).finding, Finding::missing) << absent.last.message;
}

TEST(Recovery, WhatIsKnownToBeBadOutweighsWhatIsMissing) {
  WithLatency service;
  EXPECT_EQ(service.serve(20, 10, 90).finding, Finding::bad) << service.last.message;
}

}  // namespace
}  // namespace seraphim::analysis
