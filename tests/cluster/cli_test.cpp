// The real program against the real API server: what a person does with kubectl-seraphim in an incident.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment.h"
#include "kubernetes/clock.h"
#include "kubernetes/kubeconfig.h"
#include "kubernetes/temporary_folder.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using ::testing::HasSubstr;

Output in_terminal(const World& world, std::vector<std::string> words) {
  words.insert(words.begin(), environment().kubectl_seraphim.string());
  words.insert(words.end(), {"--namespace", world.name()});
  return run(words, {}, std::chrono::minutes(3));
}

/// One step that waits for a person, then a bake: whatever comes next, somebody has asked for it.
DeploymentManifest attended() {
  return {.steps = json::array({{{"weight", 50}, {"approval", true}}}),
          .bake = "30m",
          .further = {{"errorRate", {{"tolerance", "5%"}}}}};
}

TEST(Cli, R2R3StatusCompareApproveAndRollback) {
  World world;
  world.apply_route();
  const Operator running(world);
  DeploymentManifest manifest = attended();
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const std::string first = world.status().stable_revision;
  const Load load(world, 50);
  ASSERT_TRUE(load.wait_for_good_answers(50));
  manifest.model.version = "v2";
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::awaiting_approval, "web", std::chrono::seconds(120)));

  const Output status = in_terminal(world, {"status", "web"});
  EXPECT_EQ(status.code, 0) << status.text;
  EXPECT_THAT(status.text, HasSubstr("Step:       1 of 1: weight 50%, hold 0s, waits for approval"));
  EXPECT_THAT(status.text, HasSubstr("CandidateStarted"));
  const Output compared = in_terminal(world, {"compare", "web", "--window", "30s", "--output", "json"});
  EXPECT_EQ(compared.code, 0) << compared.text;
  const json figures = json::parse(compared.text, nullptr, false);
  ASSERT_TRUE(figures.is_object()) << compared.text;
  EXPECT_GT(figures["candidate"]["requests"], 10);
  EXPECT_GT(figures["stable"]["requests"], 10);
  EXPECT_EQ(figures["verdict"], "Promote");
  const Output traffic = in_terminal(world, {"traffic", "web", "--window", "15s"});
  EXPECT_EQ(traffic.code, 0) << traffic.text;

  const Output approved = in_terminal(world, {"approve", "web"});
  EXPECT_EQ(approved.code, 0) << approved.text;
  ASSERT_TRUE(world.wait_for_phase(Phase::baking));
  const Output back = in_terminal(world, {"rollback", "web"});
  EXPECT_EQ(back.code, 0) << back.text;
  EXPECT_THAT(back.text, HasSubstr("recovered: " + first + " serves all traffic"));
  EXPECT_EQ(world.status().stable_revision, first);
  const auto generation = world.deployment().generation;
  const Output again = in_terminal(world, {"rollback", "web"});
  EXPECT_EQ(again.code, 0) << again.text;
  EXPECT_EQ(world.deployment().generation, generation) << "asked twice it changes nothing more";
}

TEST(Cli, E5AbortTakesAllTrafficFromTheCandidate) {
  World world;
  world.apply_route();
  const Operator running(world);
  DeploymentManifest manifest{.steps = json::array({{{"weight", 20}, {"hold", "30m"}}}), .analysis = false};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  manifest.model.version = "v2";
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for("the candidate has its weight", [&] {
    const auto weights = world.weights();
    return !weights.empty() && weights.back().candidate == 20;
  }));
  const Output aborted = in_terminal(world, {"abort", "web"});
  EXPECT_EQ(aborted.code, 0) << aborted.text;
  EXPECT_THAT(aborted.text, HasSubstr("has no traffic"));
  EXPECT_EQ(world.weights().back().candidate, 0);
  EXPECT_EQ(in_terminal(world, {"abort", "web"}).code, 0) << "twice is no mistake";
}

TEST(Cli, LogsInByTheHelperProgramOfAKubeconfig) {
  const World world;
  const auto admin = kubernetes::load_kubeconfig(environment().admin_kubeconfig, "",
                                                 [] { return kubernetes::system_clock().steady(); });
  ASSERT_TRUE(admin) << admin.error();
  const auto identity = admin->credentials->tls();
  const kubernetes::testing::TemporaryFolder folder;
  folder.write("ca.pem", identity.ca_pem);
  const json credential = {
      {"apiVersion", "client.authentication.k8s.io/v1"},
      {"kind", "ExecCredential"},
      {"status",
       {{"clientCertificateData", identity.certificate_pem}, {"clientKeyData", identity.private_key_pem}}}};
  const std::string answer = folder.write("answer.json", credential.dump());
  const auto kubeconfig = [&](const char* command) {
    const json cluster = {{"server", admin->endpoint.url}, {"certificate-authority", "ca.pem"}};
    const json exec = {{"apiVersion", "client.authentication.k8s.io/v1"},
                       {"command", command},
                       {"args", {answer}},
                       {"interactiveMode", "Never"}};
    const json all = {
        {"current-context", "c"},
        {"contexts", json::array({{{"name", "c"}, {"context", {{"cluster", "c"}, {"user", "u"}}}}})},
        {"clusters", json::array({{{"name", "c"}, {"cluster", cluster}}})},
        {"users", json::array({{{"name", "u"}, {"user", {{"exec", exec}}}}})}};
    return folder.write(command, all.dump()).string();  // JSON is YAML
  };
  const Output good = in_terminal(world, {"unfreeze", "--kubeconfig", kubeconfig("cat")});
  EXPECT_EQ(good.code, 0) << good.text;
  EXPECT_THAT(good.text, HasSubstr("there is no such freeze")) << "the API server has let it in";
  const Output bad = in_terminal(world, {"unfreeze", "--kubeconfig", kubeconfig("false")});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.text, HasSubstr("users[u].user.exec: 'false' ended with exit code 1"));
}

}  // namespace
}  // namespace seraphim::cluster
