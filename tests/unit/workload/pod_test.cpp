// Why a pod does not come up, read from its status; and what the operator reads of a ReplicaSet.
#include "workload/pod.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "workload/replica_set.h"

namespace seraphim::workload {
namespace {

using kubernetes::Resource;
using nlohmann::json;

struct PodCase {
  const char* name;
  const char* status;
  const char* problem;
};

class PodProblem : public ::testing::TestWithParam<PodCase> {};

TEST_P(PodProblem, IsReadFromTheStatus) {
  const auto pod = Resource<Pod>::decode({{"status", json::parse(GetParam().status)}});
  ASSERT_TRUE(pod.has_value());
  EXPECT_EQ(pod->problem, GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PodProblem,
    ::testing::Values(
        PodCase{"NoStatusYet", "null", ""},  //
        PodCase{"Running", R"({"phase":"Running","containerStatuses":[{"name":"m","state":{"running":{}}}]})",
                ""},
        PodCase{"ContainerCreatingIsNormal",
                R"({"containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]})", ""},
        PodCase{"PodInitializingIsNormal",
                R"({"containerStatuses":[{"state":{"waiting":{"reason":"PodInitializing","message":"x"}}}]})",
                ""},
        PodCase{"WaitingForNoReasonIsNormal", R"({"containerStatuses":[{"state":{"waiting":{}}}]})", ""},
        PodCase{
            "ImagePull",
            R"({"containerStatuses":[{"state":{"waiting":{"reason":"ErrImagePull","message":"not found"}}}]})",
            "ErrImagePull: not found"},
        PodCase{"CrashLoopWithoutMessage",
                R"({"containerStatuses":[{"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]})",
                "CrashLoopBackOff"},
        PodCase{
            "SecondContainer",
            R"({"containerStatuses":[{"state":{"running":{}}},{"state":{"waiting":{"reason":"ErrImagePull"}}}]})",
            "ErrImagePull"},
        PodCase{"EndedBadly",
                R"({"containerStatuses":[{"name":"model","state":{"terminated":{"exitCode":137}}}]})",
                "container model ended with exit code 137"},
        PodCase{"EndedWell",
                R"({"containerStatuses":[{"name":"model","state":{"terminated":{"exitCode":0}}}]})", ""},
        PodCase{"InitContainerComesFirst",
                R"({"initContainerStatuses":[{"name":"load","state":{"terminated":{"exitCode":2}}}],
                    "containerStatuses":[{"state":{"waiting":{"reason":"Later"}}}]})",
                "container load ended with exit code 2"},
        PodCase{"FinishedInitContainerIsNormal",
                R"({"initContainerStatuses":[{"name":"load","state":{"terminated":{"exitCode":0}}}],
                    "containerStatuses":[{"state":{"waiting":{"reason":"Later"}}}]})",
                "Later"},
        PodCase{"NoNodeFits",
                R"({"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable",
                                   "message":"0/1 nodes are available"}]})",
                "Unschedulable: 0/1 nodes are available"},
        PodCase{"NoNodeFitsForNoReason", R"({"conditions":[{"type":"PodScheduled","status":"False"}]})",
                "Unschedulable"},
        PodCase{"Scheduled", R"({"conditions":[{"type":"PodScheduled","status":"True","reason":"x"}]})", ""},
        PodCase{"OtherConditionsSayNothing",
                R"({"conditions":[{"type":"Ready","status":"False","reason":"x"}]})", ""},
        PodCase{"Evicted", R"({"phase":"Failed","reason":"Evicted","message":"low on memory"})",
                "Evicted: low on memory"},
        PodCase{"FailedWithoutReason", R"({"phase":"Failed"})", "Failed"},
        PodCase{
            "AContainerSaysItBetterThanThePhase",
            R"({"phase":"Failed","containerStatuses":[{"name":"m","state":{"terminated":{"exitCode":1}}}]})",
            "container m ended with exit code 1"},
        PodCase{"Nonsense", R"({"phase":7,"conditions":{},"containerStatuses":[7,{"state":[]}]})", ""}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ReplicaSet, ReadsCountsAndWhyPodsCannotBeMade) {
  const auto set = Resource<ReplicaSet>::decode(json::parse(R"({
      "metadata":{"namespace":"shop","name":"web-1","uid":"s1"},"spec":{"replicas":4},
      "status":{"replicas":3,"readyReplicas":2,"availableReplicas":1,"observedGeneration":5,"conditions":[
        {"type":"Other","status":"True","message":"no"},
        {"type":"ReplicaFailure","status":"True","message":"exceeded quota"}]}})"));
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->meta.key, (kubernetes::ObjectKey{"shop", "web-1"}));
  EXPECT_EQ(set->desired, 4);
  EXPECT_EQ(set->existing, 3);
  EXPECT_EQ(set->ready, 2);
  EXPECT_EQ(set->available, 1);
  EXPECT_EQ(set->observed_generation, 5);
  EXPECT_EQ(set->failure, "exceeded quota");
}

TEST(ReplicaSet, AbsentReplicasAreOneAndAFailureThatIsOverIsNone) {
  const auto set = Resource<ReplicaSet>::decode(json::parse(
      R"({"status":{"conditions":[{"type":"ReplicaFailure","status":"False","message":"was"}]}})"));
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->desired, 1);
  EXPECT_EQ(set->existing, 0);
  EXPECT_EQ(set->failure, "");
}

}  // namespace
}  // namespace seraphim::workload
