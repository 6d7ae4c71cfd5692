// What people read of a rollout, word for word: conditions as kubectl describe shows them, and the story.
#include <gmock/gmock.h>

#include <cctype>

#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using analysis::RollBack;
using analysis::Unavailable;

struct Speech {
  std::string name;
  std::function<Scene()> given;
  std::vector<std::string> conditions;  ///< "Type Status:Reason: message"; others may be there
  std::vector<std::string> story;       ///< "normal|warning Reason Action [about] message", all of it
};

void PrintTo(const Speech& one, std::ostream* out) {
  *out << one.name;
}

/// Revisions by the text of their template.
std::string readable(const Scene& scene, std::string text) {
  for (const char* version : {"v1", "v2", "v3"}) {
    const std::string name = scene.name(version);
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
      text.replace(at, name.size(), version);
  }
  return text;
}

class Says : public testing::TestWithParam<Speech> {};

TEST_P(Says, ThisInWords) {
  const Scene scene = GetParam().given();
  const Plan plan = scene.plan();
  std::vector<std::string> conditions, story;
  for (const api::Condition& condition : plan.status.conditions) {
    conditions.push_back(
        readable(scene, condition.type + " " + reason_of(plan, condition.type) + ": " + condition.message));
  }
  for (const Narrative& told : plan.story) {
    story.push_back(readable(scene, (told.kind == Narrative::Kind::warning ? "warning " : "normal ") +
                                        told.reason + " " + told.action + " [" + told.discriminator + "] " +
                                        told.message));
  }
  for (const std::string& line : GetParam().conditions) EXPECT_THAT(conditions, testing::Contains(line));
  EXPECT_EQ(story, GetParam().story);
}

std::string speech_name(const testing::TestParamInfo<Speech>& info) {
  std::string name = info.param.name;
  for (char& letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  }
  return name;
}

Scene blind(const char* reason, const char* message, int held) {
  return Scene::at_step(1).held(seconds(held)).with(Unavailable{reason, message});
}

Scene without_pods(const Scene& scene, const std::string& text, const char* problem) {
  const std::string revision = scene.name(text);
  Scene empty = scene.pods(text, 0);
  for (WorkloadState& pods : empty.seen().workloads) {
    if (pods.revision == revision) pods.problem = problem;
  }
  return empty;
}

const RollBack kBad{"ErrorRateWorseThanStable", "20 of 100 failed"};
const std::string kGoesBack =
    "; it goes back to v1 when the rollback evidence of a metric reaches its bound or its pods are lost";

INSTANTIATE_TEST_SUITE_P(
    Roles, Says,
    testing::Values(
        Speech{"nothing moves",
               [] { return Scene::stable(); },
               {"SpecValid True:Valid: the spec is understood", "Ready True:Serving: v1 serves",
                "TrafficReady True:RouteUsable: the route can be read and set",
                "Progressing False:Idle: no revision is on its way",
                "Promoted True:Complete: v1 serves all traffic",
                "RolledBack False:NotFailed: the spec's revision has not failed",
                "Paused False:NotPaused: spec.paused is false",
                "MetricsAvailable Unknown:NotNeeded: nothing is compared now",
                "WeightObserved Unknown:NotMeasured: no split of the traffic is measured now",
                "EnoughTraffic Unknown:NotKnown: nothing is counted for a candidate now"},
               {}},
        Speech{"the first one comes up",
               [] { return Scene::first_revision(); },
               {"Ready False:NothingServes: no revision serves yet",
                "Progressing True:WaitingForPods: v1: 0 of 4 pods of v1 are available",
                "Promoted False:NotServing: the spec's revision v1 does not serve all traffic",
                "MetricsAvailable Unknown:NotNeeded: nothing is compared now"},
               {}},
        Speech{"the first one has no route",
               [] { return Scene::first_revision().route_problem(); },
               {"Progressing True:RouteNotFound: v1: HTTPRoute route does not exist: create it"},
               {"warning RouteNotFound Hold [v1/TrafficReady/0] HTTPRoute route does not exist: create it"}},
        Speech{"a candidate comes up",
               [] { return Scene::at_step(0); },
               {"Progressing True:WaitingForPods: v2: 0 of 1 pods of v2 are available" + kGoesBack +
                ", or at 2023-11-14T22:14:28Z if its pods are not available"},
               {}},
        Speech{"a candidate's pods have a problem",
               [] { return without_pods(Scene::at_step(0), "v2", "ImagePullBackOff"); },
               {"Progressing True:WaitingForPods: v2: 0 of 1 pods of v2 are available: ImagePullBackOff" +
                kGoesBack + ", or at 2023-11-14T22:14:28Z if its pods are not available"},
               {}},
        Speech{"the stable one's pods have a problem",
               [] { return without_pods(Scene::stable(), "v1", "CrashLoopBackOff"); },
               {"Ready False:StableUnavailable: no pod of the stable revision v1 is available: "
                "CrashLoopBackOff"},
               {}},
        Speech{"one stable pod is enough to serve",
               [] { return Scene::stable().pods("v1", 1); },
               {"Ready True:Serving: v1 serves"},
               {}},
        Speech{"a step is held",
               [] { return Scene::at_step(1); },
               {"Progressing True:HoldingStep: v2: step 1 is held until 2023-11-14T22:13:51Z" + kGoesBack,
                "MetricsAvailable True:Fresh: both sides are measured"},
               {}},
        Speech{
            "without analysis",
            [] { return Scene::at_step(1).without_analysis(); },
            {"Progressing True:HoldingStep: v2: step 1 is held until 2023-11-14T22:13:51Z; it goes back to "
             "v1 when its pods are lost"},
            {}},
        Speech{"the next step",
               [] { return Scene::at_step(1).held(seconds(20)); },
               {"Progressing True:Raising: v2: the weight goes to 25% next" + kGoesBack},
               {}},
        Speech{"replaced by another spec",
               [] { return Scene::at_step(2).spec("v3"); },
               {"Progressing True:Withdrawing: v2 loses its traffic"},
               {"normal Superseded Withdraw [v2/by-v3/2] v2 was withdrawn from 25% at step 2 of 3: the spec "
                "asks for v3 now"}},
        Speech{"all traffic moves",
               [] { return Scene::promoting(); },
               {"Progressing True:Promoting: v2: all traffic moves to v2" + kGoesBack},
               {}},
        Speech{"the bake",
               [] { return Scene::baking(); },
               {"Ready True:Serving: v2 serves",
                "Progressing True:Baking: v2 bakes: v1 stays ready until 2023-11-14T22:15:38Z",
                "Promoted True:Baking: v2 serves all traffic and is watched",
                "MetricsAvailable True:Fresh: both sides are measured"},
               {}},
        Speech{"the bake is over",
               [] { return Scene::baking().later(minutes(1)); },
               {"Progressing False:Idle: no revision is on its way",
                "Promoted True:Complete: v2 serves all traffic"},
               {"normal BakeEnded EndBake [v2/0] the bake of v2 is over; v1 is no longer kept ready"}},
        Speech{"the bake is over but for a pod",
               [] { return Scene::baking().later(minutes(1)).pods("v2", 3); },
               {"Progressing True:WaitingForPods: v2 bakes: the bake ends when all pods of v2 are available"},
               {}},
        Speech{
            "the bake is over but nobody can see",
            [] {
              return Scene::baking().later(minutes(1)).with(Unavailable{"MetricsUnavailable", "refused"});
            },
            {"Progressing True:MetricsUnavailable: v2 bakes: the bake ends when there is fresh data; until "
             "then v1 stays ready"},
            {"warning MetricsUnavailable Hold [v2/MetricsAvailable/0] refused; the rollout holds until "
             "there is data"}},
        Speech{"the bake is over in a pause",
               [] { return Scene::baking().later(minutes(1)).paused(); },
               {"Progressing True:Paused: v2 bakes: the bake ends when spec.paused is false"},
               {"normal SpecPaused Hold [v2/Paused/0] spec.paused is true: no candidate gets more traffic; "
                "rolling back still works"}}),
    speech_name);

INSTANTIATE_TEST_SUITE_P(
    Trouble, Says,
    testing::Values(
        Speech{"a pause",
               [] { return Scene::promoting().paused(); },
               {"Progressing True:Paused: v2: spec.paused is true: the candidate gets no more traffic until "
                "it is false" +
                    kGoesBack,
                "Paused True:SpecPaused: spec.paused is true: no candidate gets more traffic; rolling back "
                "still works"},
               {"normal SpecPaused Hold [v2/Paused/4] spec.paused is true: no candidate gets more traffic; "
                "rolling back still works"}},
        Speech{"a worse one",
               [] { return Scene::at_step(1).with(kBad); },
               {"RolledBack True:ErrorRateWorseThanStable: v2: 20 of 100 failed; it is not tried again until "
                "the spec changes or the annotation serving.seraphim.io/retry has a new value",
                "Promoted False:NotServing: the spec's revision v2 does not serve all traffic"},
               {"warning RolledBack RollBack [v2/1] rolled back v2 to v1 from 20% at step 1 of 3: "
                "ErrorRateWorseThanStable: 20 of 100 failed"}},
        Speech{"a worse one with nobody to take its traffic",
               [] { return Scene::promoting().with(kBad).pods("v1", 0); },
               {"Progressing True:Withdrawing: v2 loses its traffic; waiting for ready endpoints of v1",
                "Ready False:StableUnavailable: no pod of the stable revision v1 is available"},
               {"warning RolledBack RollBack [v2/4] rolled back v2 to v1 from 100% while being promoted: "
                "ErrorRateWorseThanStable: 20 of 100 failed"}},
        Speech{"no metrics",
               [] { return blind("MetricsUnavailable", "refused", 1); },
               {"Progressing True:MetricsUnavailable: v2: refused" + kGoesBack,
                "MetricsAvailable False:MetricsUnavailable: refused; the rollout holds until there is data"},
               {"warning MetricsUnavailable Hold [v2/MetricsAvailable/1] refused; the rollout holds until "
                "there is data"}},
        Speech{"no requests yet",
               [] { return blind("NotEnoughTraffic", "no request", 14); },
               {"MetricsAvailable Unknown:WaitingForTraffic: the first requests at this weight are not "
                "counted yet"},
               {}},
        Speech{"no requests for long",
               [] { return blind("NotEnoughTraffic", "no request", 16); },
               {"Progressing True:NotEnoughTraffic: v2: no request" + kGoesBack,
                "MetricsAvailable False:NotEnoughTraffic: no request; the rollout holds until there is data"},
               {"warning NotEnoughTraffic Hold [v2/Progressing/1] v2: no request"}},
        Speech{
            "old metrics are not few requests",
            [] { return blind("MetricsStale", "nothing since noon", 1); },
            {"MetricsAvailable False:MetricsStale: nothing since noon; the rollout holds until there is "
             "data"},
            {"warning MetricsStale Hold [v2/MetricsAvailable/1] nothing since noon; the rollout holds until "
             "there is data"}},
        Speech{"nobody has looked",
               [] { return Scene::at_step(1).not_looked(); },
               {"MetricsAvailable Unknown:NotLooked: no look at the metrics has come back yet"},
               {}},
        Speech{"an assessment that has grown old",
               [] {
                 Scene scene = Scene::at_step(1).held(seconds(30));
                 scene.seen().assessment->fresh_at = scene.seen().now - seconds(16);
                 scene.seen().object.spec.analysis->prometheus.address = "http://prometheus";
                 return scene;
               },
               {"MetricsAvailable False:MetricsStale: the newest data is too old; the rollout holds until "
                "there is new data",
                "Progressing True:MetricsStale: v2: the newest data is older than analysis.staleAfter: check "
                "that http://prometheus still scrapes the pods" +
                    kGoesBack},
               {"warning MetricsStale Hold [v2/MetricsAvailable/1] the newest data is too old; the rollout "
                "holds until there is new data"}},
        Speech{"a candidate without traffic has no series yet",
               [] {
                 return Scene::at_step(0).with(Unavailable{"NotEnoughTraffic", "nothing"});
               },
               {"MetricsAvailable Unknown:NoTrafficYet: the candidate has no traffic yet"},
               {}},
        Speech{
            "one that failed in an earlier life",
            [] {
              Scene scene = Scene::at_step(1).with_object([](auto& object) {
                object.status.candidate_revision.clear();
                object.status.step = 0;
                object.status.weight = {};
              });
              scene.seen().traffic.candidate_weight = api::kNothing;
              scene.seen().object.status.weight.applied = api::kNothing;
              for (api::Revision& record : scene.seen().revisions) {
                if (record.name != scene.name("v2")) continue;
                record.verdict = api::RevisionVerdict::failed;
                record.verdict_reason = "bad in March";
              }
              return scene;
            },
            {"RolledBack True:FailedBefore: v2: bad in March; it is not tried again until the spec changes "
             "or the annotation serving.seraphim.io/retry has a new value"},
            {"warning RevisionRefused Refuse [v1/RolledBack/0] v2: bad in March; it is not tried again until "
             "the spec changes or the annotation serving.seraphim.io/retry has a new value"}},
        Speech{"pods that miss their deadline",
               [] { return without_pods(Scene::at_step(0), "v2", "ImagePullBackOff").later(minutes(1)); },
               {},
               {"warning RolledBack RollBack [v2/0] rolled back v2 to v1 from 0% before the first step: "
                "ProgressDeadlineExceeded: 0 of 1 pods available after 1m: ImagePullBackOff"}},
        Speech{"pods that are lost",
               [] { return without_pods(Scene::at_step(1), "v2", "CrashLoopBackOff"); },
               {},
               {"warning RolledBack RollBack [v2/1] rolled back v2 to v1 from 20% at step 1 of 3: "
                "RevisionUnavailable: all 1 pods of v2 stopped being ready while it had traffic: "
                "CrashLoopBackOff"}},
        Speech{"pods that are lost without a word",
               [] { return without_pods(Scene::at_step(1), "v2", ""); },
               {},
               {"warning RolledBack RollBack [v2/1] rolled back v2 to v1 from 20% at step 1 of 3: "
                "RevisionUnavailable: all 1 pods of v2 stopped being ready while it had traffic"}},
        Speech{"no pods are wanted",
               [] {
                 return Scene::stable().with_spec(
                     [](api::Spec& spec) { std::get<api::PodsWorkload>(spec.workload).replicas = 0; });
               },
               {"Ready False:NoReplicas: spec.workload.pods.replicas is 0"},
               {}},
        Speech{"a spec with two problems",
               [] {
                 return Scene::at_step(1).with_object([](auto& object) {
                   object.problems = {"a is missing", "b is wrong"};
                 });
               },
               {"SpecValid False:InvalidSpec: a is missing; b is wrong; nothing is changed until the spec is "
                "corrected",
                "Ready True:Serving: v1 serves"},
               {"warning InvalidSpec Refuse [v2/SpecValid/1] a is missing; b is wrong; nothing is changed "
                "until the spec is corrected"}},
        Speech{"a route that cannot be read",
               [] {
                 return Scene::stable().with_traffic([](auto& traffic) { traffic.candidate_weight.reset(); });
               },
               {"TrafficReady Unknown:NoRoute: there is no route to read yet",
                "Progressing False:WaitingForEndpoints: waiting for a usable route"},
               {}}),
    speech_name);

}  // namespace
}  // namespace seraphim::rollout
