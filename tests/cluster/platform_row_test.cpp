// Rows of the platform's list of checks and operations (docs/testing.md), each by the command that does it,
// against the platform itself.
#include <gmock/gmock.h>

#include "cli/health_words.h"
#include "environment.h"
#include "operator/informers.h"
#include "platform_stage.h"
#include "traffic/gateway_deployment.h"

namespace seraphim::cluster {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

json deployment_named(World& world, const std::string& name) {
  const auto found =
      world.client().get(kubernetes::Resource<traffic::GatewayDeployment>::type(), {world.name(), name});
  if (!found) throw std::runtime_error(found.error().message);
  return *found;
}

std::string restarted_at(World& world, const std::string& name) {
  const json annotations =
      deployment_named(world, name)["spec"]["template"]["metadata"].value("annotations", json::object());
  return annotations.value("kubectl.kubernetes.io/restartedAt", "");
}

/// Errors and requests of a variant in the last minute, as `errors --gateway` tells them.
json figures_of(const json& all, const std::string& variant) {
  for (const auto& side : all) {
    if (side["name"] == variant) return side;
  }
  return json::object();
}

TEST_F(PlatformRow, 1cHealthSaysWhatThePlatformsScriptSays) {
  ASSERT_TRUE(platform().prometheus().wait_until_all_are_up());
  const Output output = ask_here({"health"});
  EXPECT_EQ(output.code, 0);
  const auto address = [&](std::size_t which) {
    const auto text = platform().addresses().at(which);
    return text.substr(text.find('=') + 1);
  };
  EXPECT_EQ(output.text, cli::testing::all_good_health("2/2", {address(4), address(3), address(0)}));
}

TEST_F(PlatformRow, 1cAMadeUpPredictionIsFoundOut) {
  platform().scale("1.0", 0);
  const Output output = ask_here({"health"});
  platform().scale("1.0", 1);
  EXPECT_EQ(output.code, 1);
  EXPECT_THAT(output.text,
              AllOf(HasSubstr("✓ Gateway Health\n"), HasSubstr("✗ TorchServe Management: model "),
                    HasSubstr("✗ Inference endpoint: the answer of the baseline was made up"),
                    Not(HasSubstr("Platform is ready"))));
}

TEST_F(PlatformRow, R3nNamesAreThePlatformsAndHelmsCommandIsRight) {
  const kubernetes::ObjectKey key{world().name(), "seraphim-inference"};
  const json release = {{"meta.helm.sh/release-name", "seraphim-inference"},
                        {"meta.helm.sh/release-namespace", world().name()}};
  const auto annotated =
      world().client().merge_patch(kubernetes::Resource<traffic::GatewayDeployment>::type(), key,
                                   {{"metadata", {{"annotations", release}}}});
  ASSERT_TRUE(annotated) << annotated.error().message;
  const Output output = ask_here({"rollback"});
  EXPECT_EQ(output.code, 2) << "a Deployment is Helm's, and no SeraphimDeployment";
  EXPECT_THAT(output.text, HasSubstr("helm history seraphim-inference -n " + world().name()));
  EXPECT_THAT(output.text, HasSubstr("helm rollback seraphim-inference REVISION -n " + world().name()));
  const Output unnamed = run({environment().kubectl_seraphim.string(), "status"});
  EXPECT_EQ(unnamed.code, 2);
  EXPECT_THAT(unnamed.text, HasSubstr("seraphim/seraphim-inference"))
      << "neither name nor namespace was given";
}

TEST_F(PlatformRow, E1RestartOfOneComponentReplacesItsPodsAndWaits) {
  const std::string before = restarted_at(world(), "seraphim-model-server");
  const Output output = ask_here({"restart", "model-server"});
  EXPECT_EQ(output.code, 0) << output.text;
  EXPECT_THAT(output.text, HasSubstr("seraphim-model-server: 1 replicas are new and available"));
  EXPECT_NE(restarted_at(world(), "seraphim-model-server"), before);
  EXPECT_EQ(deployment_named(world(), "seraphim-model-server")["status"]["availableReplicas"], 1);
}

TEST_F(PlatformRow, E2LogsAreTheLastLinesOfEveryPodOfAComponent) {
  const Output output = ask_here({"logs", "gateway", "--tail", "50"});
  EXPECT_EQ(output.code, 0) << output.text;
  EXPECT_THAT(output.text,
              AllOf(HasSubstr("[seraphim-inference-"), HasSubstr("] serving on 0.0.0.0:8080\n")));
}

TEST_F(PlatformRow, E3RestartOfAllAsksFirstAndGoesInOrder) {
  const std::string before = restarted_at(world(), "seraphim-inference");
  const Output refused = ask_here({"restart", "--all"}, "n\n");
  EXPECT_EQ(refused.code, 1) << refused.text;
  EXPECT_EQ(restarted_at(world(), "seraphim-inference"), before);
  const Output done = ask_here({"restart", "--all", "--yes"});
  EXPECT_EQ(done.code, 0) << done.text;
  const auto server_is_new = done.text.find("seraphim-model-server: 1 replicas are new and available");
  const auto gateway_begins =
      done.text.find("restarting Deployment " + world().name() + "/seraphim-inference");
  ASSERT_NE(server_is_new, std::string::npos) << done.text;
  ASSERT_NE(gateway_begins, std::string::npos) << done.text;
  EXPECT_LT(server_is_new, gateway_begins) << "the gateway waits until its model server is back";
  EXPECT_LT(restarted_at(world(), "seraphim-model-server"), restarted_at(world(), "seraphim-inference"));
  ASSERT_TRUE(platform().prometheus().wait_until_all_are_up());
}

TEST_F(PlatformRow, M1ATestOfTheModelProvesThatTheCandidateAnswered) {
  const Output good = ask({"model", "test", "--model-version", "2.0", "--wait", "10s"});
  EXPECT_EQ(good.code, 0) << good.text;
  EXPECT_THAT(good.text, AllOf(HasSubstr("POST /predictions/custom-text/2.0: it answered"),
                               HasSubstr("POST /predict with X-Canary: candidate: the candidate answered, "
                                         "version 2.0, and the gateway counted a success")));
  const Output other = ask({"model", "test", "--model-version", "1.0"});
  EXPECT_EQ(other.code, 1) << "1.0 answers at TorchServe, and is not the gateway's candidate";
  EXPECT_THAT(other.text, HasSubstr("the gateway's candidate is version 2.0 and not 1.0"));
  platform().scale("2.0", 0);
  const Output made_up = ask({"model", "test", "--model-version", "2.0"});
  platform().scale("2.0", 1);
  EXPECT_EQ(made_up.code, 1) << "HTTP 200, and a fallback";
  EXPECT_THAT(made_up.text,
              AllOf(HasSubstr("HTTP 503"),
                    HasSubstr("the answer of the candidate was made up: the gateway counted a")));
}

/// Both variants have traffic, a quarter of which is the candidate's; half of that fails.
TEST_F(PlatformRow, E4C1C2ErrorsAndTrafficOfEachVariant) {
  platform().predict("baseline", 1);
  platform().predict("candidate", 1);
  platform().scale("2.0", 0);
  platform().predict("candidate", 1);
  const auto begun = [&](const char* variant, const char* outcome) {
    return platform().wait_for_requests(variant, outcome,
                                        1);  // of a new series the first value counts nothing
  };
  ASSERT_TRUE(begun("baseline", "success"));
  ASSERT_TRUE(begun("candidate", "success"));
  ASSERT_TRUE(begun("candidate", "http_error"));
  const auto errors = [&] {
    return json::parse(ask({"errors", "--gateway", "--prometheus", platform().prometheus().url(), "--window",
                            "5m", "--output", "json"})
                           .text,
                       nullptr, false);
  };
  const json before = errors();
  platform().predict("candidate", 10);
  platform().scale("2.0", 1);
  platform().predict("candidate", 10);
  platform().predict("baseline", 60);
  const auto counted = [&](const json& all, const char* variant, const char* what) {
    return figures_of(all, variant).value(what, 0.0) - figures_of(before, variant).value(what, 0.0);
  };
  json after;
  ASSERT_TRUE(platform().prometheus().wait_until("all requests were scraped",
                                                 [&] {
                                                   after = errors();
                                                   return counted(after, "baseline", "requests") >= 60 &&
                                                          counted(after, "candidate", "requests") >= 19;
                                                 }))
      << "before: " << before.dump() << "\nafter: " << after.dump();
  EXPECT_EQ(counted(after, "baseline", "errors"), 0);
  // On a busy machine the first prediction after the workers' return may fail in a way that was not seen
  // before: a new series, whose first value counts nothing.
  EXPECT_THAT(counted(after, "candidate", "requests"), AnyOf(19.0, 20.0));
  EXPECT_THAT(counted(after, "candidate", "errors"), AnyOf(10.0, 11.0)) << after.dump(1);
  const json candidate = figures_of(after, "candidate");
  EXPECT_NEAR(candidate["errorRatio"], double{candidate["errors"]} / double{candidate["requests"]}, 1e-9)
      << "by the variant's own requests, not by the second";
  EXPECT_GT(candidate["byOutcome"]["http_error"], 9.0);

  const Output traffic = ask({"traffic", "--gateway", "--prometheus", platform().prometheus().url(),
                              "--window", "5m", "--output", "json"});
  EXPECT_EQ(traffic.code, 0) << traffic.text;
  const json sides = json::parse(traffic.text, nullptr, false)["sides"];
  const json stable = figures_of(sides, "baseline"), tried = figures_of(sides, "candidate");
  EXPECT_NEAR(tried["share"],
              double{tried["requests"]} / (double{tried["requests"]} + double{stable["requests"]}), 1e-9);
  EXPECT_GE(tried["requests"], 19);
}

}  // namespace
}  // namespace seraphim::cluster
