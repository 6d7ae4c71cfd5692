// How often a TorchServe is asked, and what is believed of it when it does not answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workload/torch_serve_scene.h"

namespace seraphim::workload::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(TorchServeTest, ItIsAskedOftenWhileWorkersAreMissingAndSeldomWhenAllIsWell) {
  server_.have("1.0", "v1.mar", 2);
  server_.versions["1.0"].ready = 1;
  look();
  EXPECT_EQ(watch_.next_due(), clock_.steady() + 1s);
  clock_.advance(1s);
  EXPECT_THAT(watch_.step({}), IsEmpty()) << "no news";
  server_.versions["1.0"].ready = 2;
  clock_.advance(1s);
  EXPECT_THAT(watch_.step({}), ElementsAre(kWeb));
  EXPECT_EQ(watch_.next_due(), clock_.steady() + 15s);
  clock_.advance(14s);
  const auto asked = server_.asked();
  EXPECT_THAT(watch_.step({}), IsEmpty());
  EXPECT_EQ(server_.asked(), asked) << "not due";
}

TEST_F(TorchServeTest, OtherPeoplesModelsAreNoReasonToHurry) {
  server_.have("9.0", "other.mar", 2);
  server_.versions["9.0"].ready = 0;
  look();
  EXPECT_EQ(watch_.next_due(), clock_.steady() + 15s);
}

TEST_F(TorchServeTest, AServerThatIsAwayIsBelievedForAWhile) {
  server_.have("1.0", "v1.mar", 1);
  look();
  server_.away = true;
  clock_.advance(15s);
  EXPECT_THAT(watch_.step({}), ElementsAre(kWeb)) << "that is news";
  EXPECT_EQ(state("web-1").ready, 1);
  EXPECT_EQ(watch_.next_due(), clock_.steady() + 5s);
  clock_.advance(10s);
  EXPECT_THAT(watch_.step({}), IsEmpty());
  clock_.advance(6s);
  EXPECT_THAT(watch_.step({}), ElementsAre(kWeb)) << "too old now";
  EXPECT_EQ(state("web-1").ready, 0) << "nothing gets traffic for it";
  EXPECT_EQ(state("web-1").desired, 1) << "and nothing is asked for anew";
  EXPECT_THAT(state("web-1").problem, HasSubstr("no answer from TorchServe at http://t:8081"));
  server_.away = false;
  clock_.advance(5s);
  EXPECT_THAT(watch_.step({}), ElementsAre(kWeb));
  EXPECT_EQ(state("web-1"), (rollout::WorkloadState{"web-1", 1, 1, 1, 1, ""}));
}

TEST_F(TorchServeTest, AServerThatWasNeverReachedIsSaid) {
  server_.away = true;
  EXPECT_FALSE(adapter_.knows(object_));
  EXPECT_THAT(watch_.step({}), ElementsAre(kWeb));
  EXPECT_TRUE(adapter_.knows(object_)) << "that it is away";
  scale(first_, 1);
  work();
  EXPECT_EQ(state("web-1").desired, 1);
  EXPECT_THAT(state("web-1").problem, HasSubstr("check torchServe.managementURL"));
  server_.away = false;
  clock_.advance(1s);
  work();
  EXPECT_EQ(state("web-1"), (rollout::WorkloadState{"web-1", 1, 1, 1, 1, ""}));
}

TEST_F(TorchServeTest, AnAnswerFromBeforeAChangeIsNotBelieved) {
  server_.have("1.0", "v1.mar", 1);
  look();
  clock_.advance(15s);
  server_.transport->otherwise([this](const auto&) {
    watch_.look_soon({{"http://t:8081"}, "text"});
    return kubernetes::testing::ok("[]");
  });
  EXPECT_THAT(watch_.step({}), IsEmpty());
  EXPECT_EQ(state("web-1").ready, 1);
  EXPECT_EQ(watch_.next_due(), clock_.steady()) << "it is asked again";
}

api::TorchServeWorkload with_token(api::Workload workload, const std::string& secret) {
  auto model = std::get<api::TorchServeWorkload>(workload);
  model.token_secret = api::TokenSecret{secret, "key", true};
  return model;
}

TEST_F(TorchServeTest, TheSpecSaysWhoseTokenIsSentForOlderRevisionsToo) {
  server_.have("1.0", "v1.mar", 1);
  object_.spec.workload = with_token(second_.workload, "new");
  recorded_[0].workload = with_token(first_.workload, "old");
  look();
  EXPECT_THAT(connected_, ElementsAre(ServerKey{"http://t:8081", {kWeb.namespace_, "new", "key", true}}));
  EXPECT_EQ(state("web-1").ready, 1) << "known by the new token";
}

TEST_F(TorchServeTest, AnotherNamespaceSpeaksWithItsOwnToken) {
  object_.spec.workload = with_token(first_.workload, "token");
  look();
  object_.namespace_ = "other";
  look();
  ASSERT_EQ(connected_.size(), 2u);
  EXPECT_EQ(connected_[0].token.namespace_, kWeb.namespace_);
  EXPECT_EQ(connected_[1].token.namespace_, "other");
}

}  // namespace
}  // namespace seraphim::workload::testing
