// The adapter with its watch and its orders, against a TorchServe in memory: who asks for what, and what is
// told of it.
#include "workload/torch_serve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kubernetes/hand_clock.h"
#include "workload/fake_torch_serve.h"

namespace seraphim::workload {
namespace {

using namespace std::chrono_literals;
using kubernetes::ObjectKey;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ObjectKey kWeb{"shop", "web"};

api::Revision revision(const std::string& name, const std::string& version, const std::string& url) {
  return {name, 1, api::TorchServeWorkload{"http://t:8081/", "text", version, url, 1, 600s},
          api::RevisionVerdict::none, ""};
}

class TorchServeTest : public ::testing::Test {
 protected:
  TorchServeTest() {
    object_.namespace_ = kWeb.namespace_;
    object_.name = kWeb.name;
    object_.spec.workload = first_.workload;
    recorded_ = {first_, second_};
  }
  void ask() { (void)watch_.step({}); }
  /// All that is due is carried out, and the watch asks.
  void work() {
    for (const auto& order : orders_.take_due(9)) {
      orders_.carry_out(order, {});
      watch_.look_soon(order.what.on);
    }
    ask();
  }
  std::vector<rollout::WorkloadState> states() { return adapter_.observe(object_); }
  rollout::WorkloadState state(const std::string& name) {
    for (auto& state : states()) {
      if (state.revision == name) return state;
    }
    ADD_FAILURE() << "nothing is told of " << name;
    return {};
  }
  void scale(const api::Revision& revision, std::int32_t workers) {
    EXPECT_TRUE(adapter_.scale(object_, revision, workers, {}));
  }
  void remove(const std::string& name) { EXPECT_TRUE(adapter_.remove(object_, name, {})); }
  /// Known, with nothing left to be done.
  void look() {
    EXPECT_THAT(states(), ::testing::_);
    ask();
    server_.writes();
  }

  testing::FakeTorchServe server_;
  kubernetes::testing::HandClock clock_;
  TorchServeServers servers_{[this](const std::string&) { return server_.transport; }};
  TorchServeWatch watch_{servers_, clock_};
  std::vector<std::string> reports_;
  TorchServeOrders orders_{servers_, clock_, [this](const std::string& line) { reports_.push_back(line); }};
  std::vector<api::Revision> recorded_;
  TorchServe adapter_{watch_, orders_, [this](const auto&) { return recorded_; }, clock_};
  api::SeraphimDeployment object_;
  const api::Revision first_ = revision("web-1", "1.0", "v1.mar");
  const api::Revision second_ = revision("web-2", "2.0", "v2.mar");
};

TEST_F(TorchServeTest, NothingIsKnownBeforeTheFirstAnswer) {
  EXPECT_FALSE(adapter_.knows(object_));
  EXPECT_EQ(watch_.next_due(), clock_.steady()) << "it is asked at once";
  EXPECT_THAT(watch_.step({}), ElementsAre(kWeb)) << "the object is to be looked at now";
  EXPECT_TRUE(adapter_.knows(object_));
  EXPECT_THAT(states(), IsEmpty());
}

TEST_F(TorchServeTest, AVersionIsRegisteredWithItsWorkers) {
  look();
  scale(first_, 2);
  EXPECT_THAT(server_.writes(), IsEmpty()) << "the adapter makes no request";
  EXPECT_EQ(state("web-1"), (rollout::WorkloadState{"web-1", 2, 0, 0, 0, ""})) << "asked for, not there yet";
  work();
  EXPECT_THAT(server_.writes(), ElementsAre("POST ?url=v1.mar&initial_workers=2"));
  EXPECT_EQ(state("web-1"), (rollout::WorkloadState{"web-1", 2, 2, 2, 2, ""}));
  EXPECT_EQ(orders_.next_due(), std::nullopt) << "the order is done";
  scale(first_, 2);
  work();
  EXPECT_THAT(server_.writes(), IsEmpty()) << "it is so already";
}

TEST_F(TorchServeTest, ARegisteredVersionIsAdoptedAndScaled) {
  server_.have("1.0", "v1.mar", 1);
  look();
  EXPECT_EQ(state("web-1"), (rollout::WorkloadState{"web-1", 1, 1, 1, 1, ""}));
  scale(first_, 3);
  work();
  EXPECT_THAT(server_.writes(), ElementsAre("PUT 1.0?min_worker=3&max_worker=3"));
  EXPECT_EQ(state("web-1").ready, 3);
}

TEST_F(TorchServeTest, WithoutTrafficItKeepsItsRegistrationAndNoWorkers) {
  server_.have("1.0", "v1.mar", 1);
  server_.have("2.0", "v2.mar", 1);
  look();
  scale(second_, 0);
  work();
  EXPECT_THAT(server_.writes(), ElementsAre("PUT 2.0?min_worker=0&max_worker=0"));
  EXPECT_EQ(state("web-2"), (rollout::WorkloadState{"web-2", 0, 0, 0, 0, ""}));
  EXPECT_TRUE(server_.versions.contains("2.0"));
}

TEST_F(TorchServeTest, NothingIsRegisteredForNoWorkers) {
  look();
  scale(first_, 0);
  work();
  EXPECT_THAT(server_.writes(), IsEmpty());
  EXPECT_THAT(states(), IsEmpty());
}

TEST_F(TorchServeTest, WorkersThatAreNotReadyAreToldApart) {
  server_.have("1.0", "v1.mar", 2);
  server_.versions["1.0"].ready = 1;
  look();
  EXPECT_EQ(state("web-1"),
            (rollout::WorkloadState{"web-1", 2, 2, 1, 1, "1 of 2 workers are READY; 9001 is UNLOADING"}));
}

TEST_F(TorchServeTest, AMissingArchiveIsSaidAndTriedAgainWithGrowingPauses) {
  server_.store.erase("v1.mar");
  look();
  scale(first_, 1);
  work();
  EXPECT_EQ(state("web-1").desired, 1) << "it is still wanted";
  EXPECT_THAT(state("web-1").problem, HasSubstr("put the archive into the server's model store"));
  EXPECT_EQ(orders_.next_due(), clock_.steady() + 1s);
  clock_.advance(1s);
  work();
  EXPECT_EQ(orders_.next_due(), clock_.steady() + 2s);
  scale(first_, 1);
  EXPECT_EQ(orders_.next_due(), clock_.steady() + 2s) << "asking again is no reason to hurry";
  server_.store["v1.mar"] = {"1.0"};
  clock_.advance(2s);
  work();
  EXPECT_EQ(state("web-1"), (rollout::WorkloadState{"web-1", 1, 1, 1, 1, ""}));
}

TEST_F(TorchServeTest, AFailingHandlerIsSaidAndNothingIsLeftOfIt) {
  const auto broken = revision("web-4", "4.0", "bad.mar");
  recorded_ = {broken};
  look();
  scale(broken, 1);
  work();
  EXPECT_THAT(server_.writes(), ElementsAre("POST ?url=bad.mar&initial_workers=1", "DELETE 4.0"))
      << "it would stay registered without workers";
  EXPECT_THAT(state("web-4").problem, HasSubstr("Failed to start workers for model text version: 4.0"));
  server_.store["bad.mar"].starts = true;
  clock_.advance(1s);
  work();
  EXPECT_EQ(state("web-4").ready, 1) << "the next try loads the archive anew";
}

TEST_F(TorchServeTest, AnArchiveOfAnotherVersionIsUnregisteredAgain) {
  server_.have("1.0", "v1.mar", 1);
  server_.store["v2.mar"] = {"2.1"};
  look();
  scale(second_, 1);
  work();
  EXPECT_THAT(server_.writes(), ElementsAre("POST ?url=v2.mar&initial_workers=1", "DELETE 2.1"));
  EXPECT_THAT(state("web-2").problem, AllOf(HasSubstr("\"v2.mar\" holds version \"2.1\", not \"2.0\""),
                                            HasSubstr("write the archive's own version into model.version")));
  EXPECT_EQ(state("web-2").ready, 0);
}

TEST_F(TorchServeTest, AnArchiveOfAVersionThatIsThereIsRefused) {
  server_.have("1.0", "v1.mar", 1);
  server_.store["v2.mar"] = {"1.0"};
  look();
  scale(second_, 1);
  work();
  EXPECT_THAT(state("web-2").problem, HasSubstr("does not hold version \"2.0\""));
  EXPECT_THAT(server_.versions, SizeIs(1)) << "the one that was there stays";
}

TEST_F(TorchServeTest, SomebodyElsesVersionIsNotTouched) {
  server_.have("1.0", "v1.mar", 1);
  server_.have("2.0", "theirs.mar", 2);
  look();
  EXPECT_THAT(states(), SizeIs(1)) << "it is not ours";
  scale(second_, 1);
  work();
  EXPECT_THAT(
      state("web-2").problem,
      AllOf(HasSubstr("text 2.0 is registered at http://t:8081 from \"theirs.mar\", not from \"v2.mar\""),
            HasSubstr("give the new archive another version")));
  EXPECT_EQ(state("web-2").ready, 0) << "their workers are not ours";
  remove("web-2");
  clock_.advance(1s);
  work();
  EXPECT_THAT(server_.writes(), IsEmpty());
}

TEST_F(TorchServeTest, RegisteredInBetweenIsAsGood) {
  look();
  scale(first_, 2);
  const auto order = orders_.take_due(9).at(0);
  server_.have("1.0", "v1.mar", 1);
  EXPECT_FALSE(orders_.carry_out(order, {})) << "of that the watch tells";
  EXPECT_EQ(server_.versions.at("1.0").min_workers, 2);
  EXPECT_EQ(orders_.about(order.what), std::nullopt);
}

TEST_F(TorchServeTest, BeyondTheHistoryItIsUnregistered) {
  server_.have("1.0", "v1.mar", 1);
  server_.have("2.0", "v2.mar", 0);
  look();
  remove("web-2");
  remove("web-7");
  recorded_ = {first_};
  work();
  EXPECT_THAT(server_.writes(), ElementsAre("DELETE 2.0"));
}

TEST_F(TorchServeTest, ADefaultVersionHandsOverBeforeItGoes) {
  server_.have("1.0", "v1.mar", 0);
  server_.have("2.0", "v2.mar", 1);
  object_.status.stable_revision = "web-2";
  look();
  remove("web-1");
  work();
  EXPECT_THAT(server_.writes(), ElementsAre("PUT 2.0/set-default", "DELETE 1.0"));
}

TEST_F(TorchServeTest, ADefaultVersionWithoutAnHeirStaysAndIsReported) {
  server_.have("1.0", "v1.mar", 0);
  server_.have("9.0", "other.mar", 1);
  look();
  remove("web-1");
  for (int tries = 0; tries < 12; ++tries) {
    work();
    clock_.advance(60s);
  }
  EXPECT_THAT(server_.writes(), IsEmpty());
  EXPECT_THAT(reports_,
              ElementsAre(AllOf(HasSubstr("given up after 10 tries"), HasSubstr("text 1.0 is the default"),
                                HasSubstr("make another version the default one"))));
  EXPECT_EQ(orders_.next_due(), std::nullopt);
}

TEST_F(TorchServeTest, TheStableVersionBecomesTheDefaultOneOnce) {
  server_.have("1.0", "v1.mar", 1);
  server_.have("2.0", "v2.mar", 1);
  look();
  adapter_.serve_by_default(object_, "web-1");
  work();
  EXPECT_THAT(server_.writes(), IsEmpty()) << "it is";
  adapter_.serve_by_default(object_, "web-2");
  adapter_.serve_by_default(object_, "web-2");
  work();
  EXPECT_THAT(server_.writes(), ElementsAre("PUT 2.0/set-default"));
  adapter_.serve_by_default(object_, "web-2");
  work();
  EXPECT_THAT(server_.writes(), IsEmpty());
}

TEST_F(TorchServeTest, ADefaultVersionMovedByHandIsPutBackOnceInTenMinutes) {
  server_.have("1.0", "v1.mar", 1);
  server_.have("2.0", "v2.mar", 1);
  server_.chosen = "2.0";
  look();
  const auto somebody_moves_it = [&] {
    server_.chosen = "2.0";
    clock_.advance(15s);
    ask();
    adapter_.serve_by_default(object_, "web-1");
    work();
  };
  somebody_moves_it();
  EXPECT_THAT(server_.writes(), ElementsAre("PUT 1.0/set-default"));
  somebody_moves_it();
  EXPECT_THAT(server_.writes(), IsEmpty()) << "no fight";
  clock_.advance(10min);
  somebody_moves_it();
  EXPECT_THAT(server_.writes(), ElementsAre("PUT 1.0/set-default"));
}

TEST_F(TorchServeTest, AnotherRevisionBecomesTheDefaultOneAtOnce) {
  server_.have("1.0", "v1.mar", 1);
  server_.have("2.0", "v2.mar", 1);
  look();
  adapter_.serve_by_default(object_, "web-2");
  work();
  adapter_.serve_by_default(object_, "web-1");
  work();
  EXPECT_THAT(server_.writes(), ElementsAre("PUT 2.0/set-default", "PUT 1.0/set-default")) << "a rollback";
}

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
  server_.transport->otherwise([this, inner = server_.transport](const auto&) {
    watch_.look_soon({"http://t:8081", "text"});
    return kubernetes::testing::ok("[]");
  });
  EXPECT_THAT(watch_.step({}), IsEmpty());
  EXPECT_EQ(state("web-1").ready, 1);
  EXPECT_EQ(watch_.next_due(), clock_.steady()) << "it is asked again";
}

TEST_F(TorchServeTest, NoMoreOrdersAreBegunThanAskedFor) {
  scale(first_, 1);
  scale(second_, 1);
  EXPECT_THAT(orders_.take_due(0), IsEmpty());
  EXPECT_THAT(orders_.take_due(1), SizeIs(1));
  EXPECT_THAT(orders_.take_due(9), SizeIs(1)) << "the other one";
}

TEST_F(TorchServeTest, AnOrderThatChangedOnTheWayIsCarriedOutAgain) {
  look();
  scale(first_, 1);
  const auto order = orders_.take_due(9).at(0);
  EXPECT_THAT(orders_.take_due(9), IsEmpty()) << "it is under way";
  scale(first_, 0);
  EXPECT_THAT(orders_.take_due(9), IsEmpty());
  orders_.carry_out(order, {});
  EXPECT_EQ(server_.versions.at("1.0").min_workers, 1);
  work();
  EXPECT_EQ(server_.versions.at("1.0").min_workers, 0);
}

TEST_F(TorchServeTest, WhoIsGoneAsksForNothing) {
  server_.away = true;
  adapter_.knows(object_);
  scale(first_, 1);
  remove("web-2");
  watch_.forget(kWeb);
  orders_.forget(kWeb);
  EXPECT_EQ(watch_.next_due(), std::nullopt);
  server_.away = false;
  work();
  EXPECT_THAT(server_.versions, IsEmpty());
}

TEST_F(TorchServeTest, APodsRevisionCannotRunHere) {
  api::Revision pods{"web-0", 1, api::PodsWorkload{}, api::RevisionVerdict::healthy, ""};
  const auto result = adapter_.scale(object_, pods, 1, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, kubernetes::ApiError::Kind::invalid);
}

}  // namespace
}  // namespace seraphim::workload
