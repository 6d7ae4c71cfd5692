// The operator as a pod, installed by the chart with no more rights than that gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "audit_log.h"
#include "chart.h"
#include "environment.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using namespace std::chrono_literals;
using nlohmann::json;

TEST(Chart, IsCleanByTheLinter) {
  const Output linted = helm({"lint", "--strict", chart().string()});
  EXPECT_EQ(linted.code, 0) << linted.text;
}

TEST(Chart, TheManifestsAreWhatItGives) {
  const Output checked = run({SERAPHIM_SOURCE_DIR "/hack/manifests", "--check"});
  EXPECT_EQ(checked.code, 0) << checked.text;
}

class Kustomization : public ::testing::TestWithParam<const char*> {};

TEST_P(Kustomization, IsTakenByTheApiServer) {
  const Output built =
      run({environment().kubectl.string(), "kustomize", std::string(SERAPHIM_SOURCE_DIR "/") + GetParam()});
  ASSERT_EQ(built.code, 0) << built.text;
  // In a namespace that is there: a dry run makes none.
  const Output taken =
      run({environment().kubectl.string(), "apply", "--server-side", "--dry-run=server", "--filename", "-"},
          std::regex_replace(built.text, std::regex("namespace: (seraphim-system|models)"),
                             "namespace: default"));
  EXPECT_EQ(taken.code, 0) << taken.text;
}

INSTANTIATE_TEST_SUITE_P(Manifests, Kustomization,
                         ::testing::Values("manifests/all-namespaces", "manifests/single-namespace",
                                           "tests/data/kustomize-token"));

class ChartValues : public ::testing::TestWithParam<Words> {};

TEST_P(ChartValues, AreTakenByTheApiServer) {
  const Output rendered = render(GetParam());
  ASSERT_EQ(rendered.code, 0) << rendered.text;
  const Output taken = run({environment().kubectl.string(), "apply", "--server-side", "--force-conflicts",
                            "--dry-run=server", "--filename", "-"},
                           rendered.text);
  EXPECT_EQ(taken.code, 0) << taken.text;
}

INSTANTIATE_TEST_SUITE_P(
    Matrix, ChartValues,
    ::testing::Values(Words{}, Words{"--set", "watchNamespace=default"},
                      Words{"--set", "replicas=1,metrics.tlsSecret=metrics,networkPolicy.enabled=true"},
                      Words{"--set", "metrics.dashboard.enabled=true,podLabels.a=b,nodeSelector.x=y"},
                      Words{"--set", "torchServe.tokenSecrets={default/torchserve-token}"},
                      Words{"--set", "settings.stuck-after=10m,priorityClassName=system-cluster-critical"},
                      Words{"--set", "crds.install=false,rbac.create=false,serviceAccount.create=false",
                            "--set", "serviceAccount.name=default"}));

TEST(Chart, GivesTheRightToATokenInItsNamespaceOnly) {
  const Output rendered =
      render({"--set", "watchNamespace=models,torchServe.tokenSecrets={one,other/two,two}", "--show-only",
              "templates/torchserve-tokens.yaml"});
  ASSERT_EQ(rendered.code, 0) << rendered.text;
  EXPECT_THAT(rendered.text, ::testing::HasSubstr(R"(resourceNames: ["one","two"])"));
  EXPECT_THAT(rendered.text, ::testing::HasSubstr(R"(resourceNames: ["two"])"));
  EXPECT_THAT(rendered.text, ::testing::Not(::testing::HasSubstr("ClusterRole")));
  const Output nowhere = render({"--set", "torchServe.tokenSecrets={one}"});
  EXPECT_NE(nowhere.code, 0);
  EXPECT_THAT(nowhere.text, ::testing::HasSubstr("write NAMESPACE/one where all namespaces are watched"));
}

TEST(Chart, SaysWhatIsWrongWithAValue) {
  const Output unknown = render({"--set", "repicas=3"});
  EXPECT_NE(unknown.code, 0);
  EXPECT_THAT(unknown.text, ::testing::HasSubstr("repicas"));
  const Output loud = render({"--set", "logLevel=loud"});
  EXPECT_NE(loud.code, 0);
  EXPECT_THAT(loud.text, ::testing::HasSubstr("'info'"));
}

/// There is no image of the operator of the previous chart, so that the present one runs under it, with what
/// the present chart allows it: a kind that is watched since then is a right that the previous chart does not
/// give.
void grant_what_the_present_chart_grants(const std::string& namespace_) {
  const Output rights =
      render({"--namespace", namespace_, "--show-only", "templates/rbac.yaml", "--set",
              "fullnameOverride=present-rights,serviceAccount.create=false,watchNamespace=" + namespace_,
              "--set", "serviceAccount.name=seraphim-seraphim-operator"});
  ASSERT_EQ(rights.code, 0) << rights.text;
  const Output granted =
      run({environment().kubectl.string(), "apply", "--server-side", "--filename", "-"}, rights.text);
  ASSERT_EQ(granted.code, 0) << granted.text;
}

/// A release of the chart in the world's namespace, for that namespace alone.
class Release {
 public:
  explicit Release(const World& world, const std::filesystem::path& first = chart())
      : namespace_(world.name()) {
    upgrade(first);
  }
  ~Release() { uninstall(); }
  Release(const Release&) = delete;

  /// Waits until the new pods are ready and the old ones are gone. The image is always the one under test.
  void upgrade(const std::filesystem::path& to, const Words& settings = {}) {
    const Output done =
        helm(with({"upgrade", "--install", "seraphim", to.string(), "--namespace", namespace_, "--wait",
                   "--timeout", "120s", "--set",
                   "crds.install=false,image.pullPolicy=Never,image.tag=" + operator_version() +
                       ",watchNamespace=" + namespace_},
                  settings));
    EXPECT_EQ(done.code, 0) << done.text;
  }
  /// The chart that it is of now, by Helm's own record.
  std::string name_and_version() const {
    const Output listed = helm({"list", "--namespace", namespace_, "--output", "json"});
    const json releases = json::parse(listed.text, nullptr, false);
    return releases.is_array() && releases.size() == 1 ? releases[0].value("chart", "") : listed.text;
  }
  void uninstall() {
    if (!std::exchange(installed_, false)) return;
    rights_end_in(namespace_);
    const Output done = helm({"uninstall", "seraphim", "--namespace", namespace_, "--wait"});
    EXPECT_EQ(done.code, 0) << done.text;
  }

 private:
  const std::string namespace_;
  bool installed_ = true;
};

TEST(Installed, PromotesIsUpgradedFromThePreviousChartInMidCanaryAndUninstalledWhileRequestsGoOn) {
  World world;
  const AuditLog audit;
  ASSERT_NO_FATAL_FAILURE(grant_what_the_present_chart_grants(world.name()));
  Release release(world, previous_chart());
  ASSERT_EQ(release.name_and_version(), name_and_version(previous_chart()));
  ASSERT_NE(release.name_and_version(), name_and_version(chart()));
  world.apply_route();
  DeploymentManifest manifest{
      .model = {.version = "v1"},
      .steps = json::array({{{"weight", 20}, {"hold", "15s"}}, {{"weight", 50}, {"hold", "3s"}}}),
      .further = {{"errorRate", {{"tolerance", "20%"}}}}};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const auto first = world.status().stable_revision;
  const Load load(world, 50);
  ASSERT_TRUE(load.wait_for_good_answers(50));
  load.mark("canary");  // the router may have refused the very first requests, before it knew the route
  manifest.model.version = "v2";
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for("v2 is compared", [&] {
    return world.weights().back().candidate == 20 && world.status().evidence.candidate_requests > 20;
  }));
  const auto counted = world.status().evidence.candidate_requests;
  release.upgrade(chart(), {"--set", "workers=2"});
  EXPECT_EQ(release.name_and_version(), name_and_version(chart()));
  EXPECT_EQ(world.weights().back().candidate, 20) << "the step is kept";
  EXPECT_GE(world.status().evidence.candidate_requests, counted) << "so is the evidence";
  ASSERT_TRUE(world.wait_for(
      "v2 is promoted",
      [&] { return world.status().stable_revision != first && world.status().phase == Phase::stable; },
      120s));
  EXPECT_EQ(candidate_weights(world), (std::vector<std::int64_t>{0, 20, 50, 100, 0}));
  // Before the end: Helm takes the rights away while the pods are still ending.
  EXPECT_THAT(audit.forbidden(world.name()), ::testing::IsEmpty());

  release.uninstall();
  ASSERT_TRUE(load.wait_for_answers(load.status()["sent"].get<std::int64_t>() + 200));
  const json seen = load.status();
  EXPECT_EQ(seen.at("windows").back().value("failed", -1), 0) << seen.dump(1);
}

TEST(Installed, ABadRevisionIsRolledBack) {
  World world;
  const Release release(world);
  world.apply_route();
  DeploymentManifest manifest{.model = {.version = "v1"}};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const Load load(world, 50);
  ASSERT_TRUE(load.wait_for_good_answers(50));
  manifest.model = {.version = "v2", .failure_rate = "0.3"};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back, "web", 90s));
  EXPECT_EQ(world.weights().back().candidate, 0);
}

}  // namespace
}  // namespace seraphim::cluster
