// No router: one Service whose selector is the switch and whose annotations are the slots.
#include "traffic/replicas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traffic/scene.h"

namespace seraphim::traffic::testing {

using api::Percent;
using kubernetes::testing::refuse;
using rollout::PointBackend;
using rollout::SetWeight;
using rollout::Slot;
using rollout::WorkloadState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kOne = "/api/v1/namespaces/shop/services/web";

/// `selected` empty: every revision.
json switched(const std::string& stable, const std::string& candidate, const std::string& weight,
              const std::string& selected, const std::string& owner = "owner", int version = 10) {
  json object = service("web", selected, owner, version);
  object["metadata"]["annotations"] = {{"serving.seraphim.io/stable-revision", stable},
                                       {"serving.seraphim.io/candidate-revision", candidate},
                                       {"serving.seraphim.io/candidate-weight", weight}};
  return object;
}

struct SwitchCase {
  const char* name;
  const char* weight;
  const char* selected;
  bool agrees;
  int basis_points;
};

class ReadSwitch : public ::testing::TestWithParam<SwitchCase> {};

TEST_P(ReadSwitch, IsReadWhenTheSelectorAgrees) {
  const auto service =
      *kubernetes::Resource<Service>::decode(switched("a", "b", GetParam().weight, GetParam().selected));
  const auto read = read_switch(service);
  ASSERT_EQ(read.has_value(), GetParam().agrees);
  if (!read) return;
  EXPECT_EQ(*read, (ReplicaSwitch{.stable = "a",
                                  .candidate = "b",
                                  .weight = Percent::from_basis_points(GetParam().basis_points)}));
}

INSTANTIATE_TEST_SUITE_P(Table, ReadSwitch,
                         ::testing::Values(SwitchCase{"Nothing", "0%", "a", true, 0},
                                           SwitchCase{"NothingButCandidate", "0%", "b", false, 0},
                                           SwitchCase{"NothingButAll", "0%", "", false, 0},
                                           SwitchCase{"Between", "25%", "", true, 2500},
                                           SwitchCase{"Fraction", "0.5%", "", true, 50},
                                           SwitchCase{"BetweenButStable", "25%", "a", false, 0},
                                           SwitchCase{"BetweenButCandidate", "25%", "b", false, 0},
                                           SwitchCase{"Everything", "100%", "b", true, 10000},
                                           SwitchCase{"EverythingButStable", "100%", "a", false, 0},
                                           SwitchCase{"EverythingButAll", "100%", "", false, 0},
                                           SwitchCase{"NoWeightNotedIsNothing", "", "a", true, 0},
                                           SwitchCase{"Nonsense", "many", "a", true, 0},
                                           SwitchCase{"Stranger", "0%", "c", false, 0}),
                         [](const auto& test) { return std::string(test.param.name); });

class ReplicasTest : public ::testing::Test {
 protected:
  static WorkloadState pods(const std::string& revision, int ready, int existing = 0) {
    WorkloadState state;
    state.revision = revision;
    state.ready = ready;
    state.existing = std::max(ready, existing);
    return state;
  }
  rollout::TrafficState observe(const std::vector<WorkloadState>& workloads = {}) {
    return adapter_.observe(object_, workloads);
  }
  json annotations(std::size_t index) { return body(transport_, index)["metadata"]["annotations"]; }
  json selector(std::size_t index) { return body(transport_, index)["spec"]["selector"]; }

  api::SeraphimDeployment object_ = deployment(api::ReplicasTraffic{});
  kubernetes::testing::FakeTransport transport_;
  kubernetes::ApiClient client_{transport_};
  kubernetes::Store<Service> services_;
  Replicas adapter_{services_, client_};
};

TEST_F(ReplicasTest, NothingIsKnownWithoutAService) {
  EXPECT_EQ(observe(), rollout::TrafficState{});
  json going = switched("a", "b", "0%", "a");
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  know(services_, going);
  EXPECT_EQ(observe(), rollout::TrafficState{});
}

TEST_F(ReplicasTest, SlotsHaveTheReadyPodsOfTheirRevision) {
  know(services_, switched("a", "b", "25%", ""));
  const auto state = observe({pods("a", 3), pods("b", 1)});
  EXPECT_EQ(state.stable, (rollout::Backend{.revision = "a", .ready = 3, .foreign_ready = 0}));
  EXPECT_EQ(state.candidate, (rollout::Backend{.revision = "b", .ready = 1, .foreign_ready = 0}));
  EXPECT_EQ(state.candidate_weight, Percent::whole(25));
  EXPECT_FALSE(state.confirmed);
  EXPECT_FALSE(state.problem.has_value());
}

TEST_F(ReplicasTest, AnEmptySlotIsNotThere) {
  know(services_, switched("a", "", "0%", "a"));
  EXPECT_TRUE(observe().stable.has_value());
  EXPECT_FALSE(observe().candidate.has_value());
}

TEST_F(ReplicasTest, StrangersPodsStandInTheWayEvenBeforeTheyAreReady) {
  know(services_, switched("a", "b", "0%", "a"));
  const auto state = observe({pods("a", 3), pods("b", 1), pods("old", 1, 2), pods("older", 0, 1)});
  EXPECT_EQ(state.candidate->foreign_ready, 3);
  EXPECT_EQ(state.stable->foreign_ready, 0);
}

TEST_F(ReplicasTest, AServiceOfSomebodyElseIsAProblem) {
  know(services_, switched("a", "b", "0%", "a", "somebody"));
  const auto state = observe();
  ASSERT_TRUE(state.problem.has_value());
  EXPECT_EQ(state.problem->reason, "ServiceNotOurs");
  EXPECT_THAT(state.problem->message, StartsWith("Service shop/web exists and is not controlled by"));
  EXPECT_FALSE(state.candidate_weight.has_value());
}

struct HandEdit {
  const char* noted;
  const char* selected;
  int desired;
  int seen;
};

TEST_F(ReplicasTest, AHandEditedSelectorIsSeenAsWhatItSends) {
  const HandEdit edits[] = {
      {"25%", "a", 25, 0},    // all to stable
      {"25%", "b", 25, 100},  // all to the candidate
      {"0%", "b", 0, 100},    //
      {"100%", "a", 100, 0},  //
      {"0%", "", 0, 75},      // the share of ready pods
      {"100%", "", 100, 75},  //
      {"0%", "c", 0, 100},    // to a stranger: as wrong as can be, whatever is wanted
      {"25%", "c", 25, 100},  //
      {"100%", "c", 100, 0},  //
  };
  int version = 10;
  for (const auto& edit : edits) {
    SCOPED_TRACE(std::string(edit.noted) + " but " + edit.selected);
    know(services_, switched("a", "b", edit.noted, edit.selected, "owner", ++version));
    object_.status.weight.desired = Percent::whole(edit.desired);
    EXPECT_EQ(observe({pods("a", 1), pods("b", 3)}).candidate_weight, Percent::whole(edit.seen));
  }
}

TEST_F(ReplicasTest, AllSelectedAndNoPodReadyIsNothing) {
  know(services_, switched("a", "b", "0%", ""));
  EXPECT_EQ(observe({pods("a", 0), pods("b", 0)}).candidate_weight, api::kNothing);
}

TEST_F(ReplicasTest, TheFirstPointCreatesTheService) {
  transport_.answer(201, switched("a", "", "0%", "a").dump());
  ASSERT_TRUE(adapter_.point_backend(object_, PointBackend{Slot::stable, "a"}, {}).has_value());
  EXPECT_THAT(calls(transport_), ElementsAre("POST /api/v1/namespaces/shop/services"));
  EXPECT_EQ(body(transport_, 0)["metadata"]["name"], "web");
  EXPECT_EQ(annotations(0), json::parse(R"({"serving.seraphim.io/stable-revision":"a",
      "serving.seraphim.io/candidate-revision":"","serving.seraphim.io/candidate-weight":"0%"})"));
  EXPECT_EQ(selector(0),
            json::parse(R"({"serving.seraphim.io/name":"web","serving.seraphim.io/revision":"a"})"));
  EXPECT_EQ(observe().stable->revision, "a");
}

TEST_F(ReplicasTest, PointKeepsTheOtherSlotAndTheWeight) {
  know(services_, switched("a", "b", "100%", "b"));
  transport_.answer(200, switched("b", "b", "100%", "b", "owner", 11).dump());
  ASSERT_TRUE(adapter_.point_backend(object_, PointBackend{Slot::stable, "b"}, {}).has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("PATCH ") + kOne));
  EXPECT_EQ(annotations(0), json::parse(R"({"serving.seraphim.io/stable-revision":"b",
      "serving.seraphim.io/candidate-revision":"b","serving.seraphim.io/candidate-weight":"100%"})"));
  EXPECT_EQ(selector(0)["serving.seraphim.io/revision"], "b");
}

TEST_F(ReplicasTest, PointOverAHandEditKeepsTheSlots) {
  know(services_, switched("a", "b", "25%", "b"));
  transport_.answer(200, switched("a", "c", "0%", "a", "owner", 11).dump());
  ASSERT_TRUE(adapter_.point_backend(object_, PointBackend{Slot::candidate, "c"}, {}).has_value());
  EXPECT_EQ(annotations(0)["serving.seraphim.io/stable-revision"], "a");
  EXPECT_EQ(annotations(0)["serving.seraphim.io/candidate-revision"], "c");
}

struct WeightCase {
  int basis_points;
  const char* noted;
  const char* selected;
};

TEST_F(ReplicasTest, SetWeightMovesTheSelector) {
  const WeightCase cases[] = {
      {0, "0%", "a"}, {50, "0.5%", ""}, {2500, "25%", ""}, {9999, "99.99%", ""}, {10000, "100%", "b"}};
  know(services_, switched("a", "b", "0%", "a"));
  int version = 10;
  for (const auto& test : cases) {
    SCOPED_TRACE(test.noted);
    transport_.answer(200, switched("a", "b", test.noted, test.selected, "owner", ++version).dump());
    const auto index = transport_.requests().size();
    const SetWeight action{Percent::from_basis_points(test.basis_points), "a", "b"};
    ASSERT_TRUE(adapter_.set_weight(object_, action, {}).has_value());
    EXPECT_EQ(annotations(index)["serving.seraphim.io/candidate-weight"], test.noted);
    EXPECT_EQ(annotations(index)["serving.seraphim.io/stable-revision"], "a");
    EXPECT_EQ(annotations(index)["serving.seraphim.io/candidate-revision"], "b");
    EXPECT_EQ(selector(index).value("serving.seraphim.io/revision", ""), test.selected);
    EXPECT_EQ(observe().candidate_weight, action.weight) << "the own write is not known";
  }
}

TEST_F(ReplicasTest, SomebodyElsesServiceIsNotWritten) {
  know(services_, switched("a", "b", "0%", "a", "somebody"));
  const auto refused = adapter_.set_weight(object_, SetWeight{Percent::whole(25), "a", "b"}, {});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "NotOurs");
  EXPECT_THAT(calls(transport_), IsEmpty());
}

TEST_F(ReplicasTest, OneThatIsThereAlreadyWithAnotherSwitchIsApplied) {
  transport_.answer(refuse(409, "AlreadyExists"))
      .answer(200, switched("old", "", "0%", "old").dump())
      .answer(200, switched("a", "", "0%", "a", "owner", 11).dump());
  ASSERT_TRUE(adapter_.point_backend(object_, PointBackend{Slot::stable, "a"}, {}).has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(StartsWith("POST"), StartsWith("GET"), StartsWith("PATCH")));
  EXPECT_EQ(observe().stable->revision, "a");
}

TEST_F(ReplicasTest, ConfirmReadsTheServiceAfresh) {
  know(services_, switched("a", "b", "0%", "a"));
  transport_.answer(200, switched("a", "b", "25%", "", "owner", 11).dump());
  const auto state = adapter_.confirm(object_, {}, {});
  ASSERT_TRUE(state.has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("GET ") + kOne));
  EXPECT_TRUE(state->confirmed);
  EXPECT_EQ(state->candidate_weight, Percent::whole(25));
}

TEST_F(ReplicasTest, ConfirmSeesThatTheServiceIsGone) {
  know(services_, switched("a", "b", "0%", "a"));
  transport_.answer(refuse(404, "NotFound"));
  const auto state = adapter_.confirm(object_, {}, {});
  ASSERT_TRUE(state.has_value());
  EXPECT_TRUE(state->confirmed);
  EXPECT_FALSE(state->stable.has_value());
}

TEST_F(ReplicasTest, ConfirmFailsWhenNobodyAnswers) {
  know(services_, switched("a", "b", "0%", "a"));
  transport_.answer(refuse(503, "ServiceUnavailable"));
  EXPECT_FALSE(adapter_.confirm(object_, {}, {}).has_value());
}

TEST_F(ReplicasTest, ThereIsNoRouteToEnsure) {
  EXPECT_TRUE(adapter_.ensure_route(object_, rollout::EnsureRoute{api::kNothing}, {}).has_value());
  EXPECT_THAT(calls(transport_), IsEmpty());
}

}  // namespace seraphim::traffic::testing
