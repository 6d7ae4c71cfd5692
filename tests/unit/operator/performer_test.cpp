// Each action is carried out by one request to the right object.
#include "operator/performer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kubernetes/fake_transport.h"

namespace seraphim::op {
namespace {

using kubernetes::Result;
using kubernetes::testing::refuse;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kRecords = "/apis/apps/v1/namespaces/shop/controllerrevisions";

/// Notes what it is asked for in the common list.
class NotingWorkload final : public workload::WorkloadAdapter {
 public:
  explicit NotingWorkload(std::vector<std::string>& notes) : notes_(notes) {}
  std::vector<rollout::WorkloadState> observe(const api::SeraphimDeployment&) const override { return {}; }
  Result<void> scale(const api::SeraphimDeployment&, const api::Revision& revision, std::int32_t replicas,
                     const std::stop_token&) override {
    notes_.push_back("scale " + revision.name + "#" + std::to_string(revision.number) + " " +
                     std::to_string(replicas));
    return {};
  }
  Result<void> remove(const api::SeraphimDeployment&, const std::string& revision,
                      const std::stop_token&) override {
    notes_.push_back("remove " + revision);
    if (fails) return tl::unexpected(kubernetes::ApiError{.message = "no"});
    return {};
  }
  bool fails = false;

 private:
  std::vector<std::string>& notes_;
};

class NotingTraffic final : public traffic::TrafficAdapter {
 public:
  explicit NotingTraffic(std::vector<std::string>& notes) : notes_(notes) {}
  rollout::TrafficState observe(const api::SeraphimDeployment&,
                                const std::vector<rollout::WorkloadState>&) const override {
    return {};
  }
  Result<rollout::TrafficState> confirm(const api::SeraphimDeployment&,
                                        const std::vector<rollout::WorkloadState>&,
                                        const std::stop_token&) override {
    return {};
  }
  Result<void> point_backend(const api::SeraphimDeployment&, const rollout::PointBackend& action,
                             const std::stop_token&) override {
    return note(action);
  }
  Result<void> set_weight(const api::SeraphimDeployment&, const rollout::SetWeight& action,
                          const std::stop_token&) override {
    return note(action);
  }
  Result<void> ensure_route(const api::SeraphimDeployment&, const rollout::EnsureRoute& action,
                            const std::stop_token&) override {
    return note(action);
  }

 private:
  Result<void> note(const rollout::Action& action) {
    notes_.push_back(describe(action));
    return {};
  }
  std::vector<std::string>& notes_;
};

api::Revision revision(const std::string& name, std::int64_t number) {
  api::Revision revision;
  revision.name = name;
  revision.number = number;
  api::PodsWorkload pods;
  pods.pod_template.text = R"({"spec":{"containers":[{"name":"m"}]}})";
  revision.workload = pods;
  return revision;
}

class PerformerTest : public ::testing::Test {
 protected:
  PerformerTest() {
    observation_.object.name = "web";
    observation_.object.namespace_ = "shop";
    observation_.object.uid = "owner";
  }
  json record(const std::string& name, std::int64_t number, const std::string& owner = "owner",
              int version = 10) {
    json object = encode_controller_revision(observation_.object, revision(name, number));
    object["metadata"]["uid"] = name + "-uid";
    object["metadata"]["resourceVersion"] = std::to_string(version);
    object["metadata"]["ownerReferences"][0]["uid"] = owner;
    return object;
  }
  void know(const json& object) {
    revisions_.upsert(*kubernetes::Resource<ControllerRevision>::decode(object));
  }
  Result<void> perform(const rollout::Action& action) {
    return performer_.perform(observation_, action, workload_, traffic_, {});
  }
  std::vector<std::string> calls() {
    std::vector<std::string> lines;
    for (const auto& request : transport_.requests()) {
      lines.push_back(request.method + " " + request.target.substr(0, request.target.find('?')));
    }
    return lines;
  }

  rollout::Observation observation_;
  std::vector<std::string> notes_;
  NotingWorkload workload_{notes_};
  NotingTraffic traffic_{notes_};
  kubernetes::testing::FakeTransport transport_;
  kubernetes::ApiClient client_{transport_};
  kubernetes::Store<ControllerRevision> revisions_;
  Performer performer_{revisions_, client_};
};

TEST_F(PerformerTest, Describes) {
  using rollout::Slot;
  const std::pair<rollout::Action, const char*> table[] = {
      {rollout::RecordRevision{revision("web-1", 3)}, "record revision 3 as web-1"},
      {rollout::MarkVerdict{"web-1", api::RevisionVerdict::failed, "Bad"}, "mark web-1 Failed (Bad)"},
      {rollout::DeleteRevision{"web-1"}, "delete the record of web-1"},
      {rollout::Scale{"web-1", 4}, "scale web-1 to 4"},
      {rollout::PointBackend{Slot::stable, "web-1"}, "point the stable Service at web-1"},
      {rollout::PointBackend{Slot::candidate, "web-1"}, "point the candidate Service at web-1"},
      {rollout::SetWeight{api::Percent::whole(25), "web-1", "web-2"}, "set weight 25% (web-2 beside web-1)"},
      {rollout::EnsureRoute{api::kNothing}, "write the own route with weight 0%"}};
  for (const auto& [action, text] : table) EXPECT_EQ(describe(action), text);
}

TEST_F(PerformerTest, RecordsARevision) {
  transport_.answer(201, record("web-1", 3).dump());
  ASSERT_TRUE(perform(rollout::RecordRevision{revision("web-1", 3)}).has_value());
  EXPECT_THAT(calls(), ElementsAre("POST " + kRecords));
  EXPECT_EQ(json::parse(transport_.requests()[0].body),
            encode_controller_revision(observation_.object, revision("web-1", 3)));
  EXPECT_NE(revisions_.get({"shop", "web-1"}), nullptr) << "the own write is not known";
}

TEST_F(PerformerTest, ARecordThatIsThereStaysAsItIs) {
  transport_.answer(refuse(409, "AlreadyExists")).answer(200, record("web-1", 2).dump());
  ASSERT_TRUE(perform(rollout::RecordRevision{revision("web-1", 3)}).has_value());
  EXPECT_EQ(revisions_.get({"shop", "web-1"})->revision.number, 2);
}

/// Seed 187 of the simulator: the next revision must not get the same number.
TEST_F(PerformerTest, ARecordWhoseAnswerGotLostIsKnownAllTheSame) {
  transport_.answer(refuse(500, "InternalError")).answer(200, record("web-1", 3).dump());
  EXPECT_FALSE(perform(rollout::RecordRevision{revision("web-1", 3)}).has_value());
  EXPECT_THAT(calls(), ElementsAre("POST " + kRecords, "GET " + kRecords + "/web-1"));
  EXPECT_NE(revisions_.get({"shop", "web-1"}), nullptr);
}

TEST_F(PerformerTest, MarksAVerdictOnExactlyThatRecord) {
  know(record("web-1", 3));
  transport_.answer(200, record("web-1", 3, "owner", 11).dump());
  ASSERT_TRUE(perform(rollout::MarkVerdict{"web-1", api::RevisionVerdict::failed, "Bad"}).has_value());
  EXPECT_THAT(calls(), ElementsAre("PATCH " + kRecords + "/web-1"));
  EXPECT_EQ(json::parse(transport_.requests()[0].body),
            json::parse(R"({"metadata":{"uid":"web-1-uid","annotations":{
      "serving.seraphim.io/verdict":"Failed","serving.seraphim.io/verdict-reason":"Bad"}}})"));
}

TEST_F(PerformerTest, TakingAVerdictBackRemovesTheAnnotations) {
  transport_.answer(200, record("web-1", 3).dump());
  ASSERT_TRUE(perform(rollout::MarkVerdict{"web-1", api::RevisionVerdict::none, ""}).has_value());
  EXPECT_EQ(json::parse(transport_.requests()[0].body), json::parse(R"({"metadata":{"annotations":{
      "serving.seraphim.io/verdict":null,"serving.seraphim.io/verdict-reason":null}}})"));
}

TEST_F(PerformerTest, DeletesTheWorkloadBeforeItsRecord) {
  know(record("web-1", 3));
  workload_.fails = true;
  EXPECT_FALSE(perform(rollout::DeleteRevision{"web-1"}).has_value());
  EXPECT_THAT(calls(), IsEmpty());
  workload_.fails = false;
  transport_.answer(200);
  ASSERT_TRUE(perform(rollout::DeleteRevision{"web-1"}).has_value());
  EXPECT_THAT(notes_, ElementsAre("remove web-1", "remove web-1"));
  EXPECT_THAT(calls(), ElementsAre("DELETE " + kRecords + "/web-1"));
  EXPECT_EQ(json::parse(transport_.requests()[0].body)["preconditions"]["uid"], "web-1-uid");
  EXPECT_EQ(revisions_.get({"shop", "web-1"}), nullptr);
}

TEST_F(PerformerTest, ARecordOfSomebodyElseIsNotDeleted) {
  know(record("web-1", 3, "somebody"));
  EXPECT_TRUE(perform(rollout::DeleteRevision{"web-1"}).has_value());
  EXPECT_TRUE(perform(rollout::DeleteRevision{"web-unknown"}).has_value());
  EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(PerformerTest, ScalesWhatWasObservedOrWasRecordedSince) {
  observation_.revisions = {revision("web-1", 1)};
  know(record("web-2", 2));
  ASSERT_TRUE(perform(rollout::Scale{"web-1", 4}).has_value());
  ASSERT_TRUE(perform(rollout::Scale{"web-2", 5}).has_value());
  EXPECT_THAT(notes_, ElementsAre("scale web-1#1 4", "scale web-2#2 5"));
  const auto unknown = perform(rollout::Scale{"web-3", 6});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().message, "revision web-3 is not recorded");
}

TEST_F(PerformerTest, TrafficIsTheAdaptersBusiness) {
  ASSERT_TRUE(perform(rollout::PointBackend{rollout::Slot::stable, "web-1"}).has_value());
  ASSERT_TRUE(perform(rollout::SetWeight{api::Percent::whole(5), "web-1", "web-2"}).has_value());
  ASSERT_TRUE(perform(rollout::EnsureRoute{api::kNothing}).has_value());
  EXPECT_THAT(notes_, ElementsAre(StartsWith("point the stable"), StartsWith("set weight 5%"),
                                  StartsWith("write the own route")));
  EXPECT_THAT(calls(), IsEmpty());
}

}  // namespace
}  // namespace seraphim::op
