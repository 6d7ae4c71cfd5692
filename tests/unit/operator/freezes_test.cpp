// Which freezes are in force for which object.
#include "operator/freezes.h"

#include <gmock/gmock.h>

namespace seraphim::op {
namespace {

using rollout::FreezeInForce;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

const api::Time kNow = api::parse_time("2026-12-01T12:00:00Z").value();

class Freezes : public ::testing::Test {
 protected:
  Freezes() {
    store_.replace({}, "1");
    object_.meta.key = {"shop", "web"};
    object_.meta.labels = {{"team", "vision"}};
  }

  void add(const std::string& name, api::FreezeSpec spec, std::vector<std::string> problems = {},
           const std::string& namespace_ = "shop") {
    FreezeObject object;
    object.meta.key = {namespace_, name};
    object.meta.resource_version = std::to_string(++version_);
    spec.reason = "year end";
    spec.who = "alice";
    object.freeze.spec = std::move(spec);
    object.freeze.problems = std::move(problems);
    object.zone = api::utc_zone();
    store_.upsert(std::move(object));
  }
  FreezesOfObject found() const { return freezes_of(&store_, object_, kNow); }

  int version_ = 1;
  kubernetes::Store<FreezeObject> store_;
  DeploymentObject object_;
};

api::FreezeSpec for_team(const std::string& team) {
  api::FreezeSpec spec;
  spec.selector = api::LabelSelector{.match_labels = {{"team", team}}, .match_expressions = {}};
  return spec;
}

api::FreezeSpec between(api::Duration from, api::Duration until) {
  api::FreezeSpec spec;
  spec.from = kNow + from;
  spec.until = kNow + until;
  return spec;
}

TEST_F(Freezes, NoneWhereTheClusterDoesNotKnowThem) {
  const auto none = freezes_of(nullptr, object_, kNow);
  EXPECT_THAT(none.in_force, IsEmpty());
  EXPECT_FALSE(none.change_at);
}

TEST_F(Freezes, ByNamespaceAndLabels) {
  add("of-all", {});
  add("of-speech", for_team("speech"));
  add("of-vision", for_team("vision"));
  add("of-another-namespace", {}, {}, "elsewhere");
  EXPECT_THAT(found().in_force, ElementsAre(FreezeInForce{"of-all", "year end", "alice", std::nullopt},
                                            FreezeInForce{"of-vision", "year end", "alice", std::nullopt}));
}

TEST_F(Freezes, OneThatWasNotUnderstoodSelectsEverything) {
  add("odd", for_team("speech"), {"spec.until: \"tomorrow\" cannot be used"});
  EXPECT_EQ(found().in_force.size(), 1U);
}

TEST_F(Freezes, OnlyWhileTheyAreInForceAndTheNextChangeOfAny) {
  add("later", between(2h, 3h));
  add("now", between(-1h, 5h));
  add("over", between(-2h, -1h));
  add("elsewhere", between(-1h, 1h), {}, "elsewhere");
  const auto freezes = found();
  EXPECT_THAT(freezes.in_force, ElementsAre(FreezeInForce{"now", "year end", "alice", kNow + 5h}));
  EXPECT_EQ(freezes.change_at, kNow + 2h) << "the other one begins";
}

TEST_F(Freezes, BeforeTheyAreListedNobodyCanTell) {
  const kubernetes::Store<FreezeObject> empty;
  const auto unknown = freezes_of(&empty, object_, kNow);
  ASSERT_EQ(unknown.in_force.size(), 1U);
  EXPECT_EQ(unknown.in_force.front().name, "");
  EXPECT_EQ(unknown.change_at, kNow + 10s) << "an empty list makes no noise when it arrives";
}

}  // namespace
}  // namespace seraphim::op
