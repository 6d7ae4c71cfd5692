// Every command of docs/playbooks, in the order of its page, against the cluster: a scene for each page.
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>

#include "cli/playbook_pages.h"
#include "environment.h"
#include "kubernetes/transport_cpprest.h"
#include "platform_stage.h"
#include "playbook_run.h"
#include "prometheus/client.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* kName = "sentiment";

/// A page's `sentiment`, as its manifest sentiment.yaml has it.
DeploymentManifest sentiment(const std::string& version) {
  return {.name = kName,
          .model = {.version = version},
          .steps = json::array({{{"weight", 50}, {"approval", true}}}),
          .traffic = {{"gatewayAPI", {{"routes", json::array({{{"name", kName}}})}}}},
          // As many requests as a test has time for prove little: a coarse tolerance will do.
          .further = {{"errorRate", {{"tolerance", "20%"}, {"ceiling", "50%"}}}}};
}

/// Never used before in this process.
std::string next_version() {
  static int last = 0;
  return "v" + std::to_string(++last);
}

/// Without it the rest of a scene makes no sense.
void must_hold(const ::testing::AssertionResult& result) {
  if (!result) throw std::runtime_error(result.message());
}

/// One page's scene on the shared stage, whose `sentiment` serves with requests under way.
class Scene {
 public:
  Scene(World& world, const Platform& platform, const std::string& page)
      : world_(world), platform_(platform), run_(page, world.name(), platform.addresses()) {}

  PlaybookRun& page() { return run_; }
  void at_prometheus() { run_.call("http://localhost:9090", environment().prometheus); }
  /// A stable revision, whatever the page before has left.
  void serve() {
    if (world_.deployment(kName).name.empty()) {
      world_.apply_route(kName);
      apply(sentiment(next_version()));
    } else if (world_.status(kName).phase != Phase::stable) {
      // Without requests nobody could verify it.
      const Output back = run_.shell("kubectl seraphim rollback sentiment --no-wait -n " + world_.name());
      if (back.code != 0) throw std::runtime_error(back.text);
    }
    wait_for(Phase::stable);
    load_ = std::make_unique<Load>(world_, 200);
    wait_for_history();
  }
  void write(DeploymentManifest manifest) {
    manifest.namespace_ = world_.name();
    run_.folder().write("sentiment.yaml", to_json(manifest).dump());  // JSON is YAML
  }
  /// As the pages do it.
  void apply(const DeploymentManifest& manifest) {
    write(manifest);
    const Output applied = run_.shell("kubectl apply --server-side --force-conflicts -f sentiment.yaml");
    if (applied.code != 0) throw std::runtime_error(applied.text);
  }
  /// The candidate has traffic that was counted.
  void wait_for_evidence() {
    must_hold(world_.wait_for("the candidate has traffic", [&] {
      const auto status = world_.status(kName);
      return status.weight.applied > api::kNothing && status.evidence.candidate_requests > 20;
    }));
  }
  void wait_for(Phase phase) { must_hold(world_.wait_for_phase(phase, kName)); }

 private:
  /// Both pods of the stable revision were scraped a few times, with requests between.
  void wait_for_history() {
    const auto transport = kubernetes::make_cpprest_transport({environment().prometheus}, nullptr, {});
    const std::string query = "count(increase(seraphim_inference_requests_total{namespace=\"" +
                              world_.name() + "\",revision=\"" + world_.status(kName).stable_revision +
                              R"(",outcome="success"}[30s]) > 20) >= 2)";
    must_hold(platform_.prometheus().wait_until(query, [&] {
      const auto answer = prometheus::Client(*transport, environment().prometheus).query(query, 5s);
      const auto* found = answer ? std::get_if<prometheus::Vector>(&answer->data) : nullptr;
      return found != nullptr && !found->entries.empty();
    }));
  }

  World& world_;
  const Platform& platform_;
  PlaybookRun run_;
  std::unique_ptr<Load> load_;
};

TEST_F(PlatformRow, PlaybookDeploy) {
  Scene scene(world(), platform(), "deploy");
  scene.at_prometheus();
  scene.serve();
  scene.page().call("sentiment-5d41402abc", world().status(kName).stable_revision);
  scene.write(sentiment(next_version()));
  scene.page().twist(
      {.command = "kubectl seraphim approve", .before = [&] { scene.wait_for(Phase::awaiting_approval); }});
  scene.page().run();
}

TEST_F(PlatformRow, PlaybookCanaryMonitoring) {
  Scene scene(world(), platform(), "canary-monitoring");
  scene.at_prometheus();
  scene.serve();
  scene.apply(sentiment(next_version()));
  scene.wait_for_evidence();
  scene.page().run();
}

TEST_F(PlatformRow, PlaybookRollback) {
  Scene scene(world(), platform(), "rollback");
  scene.at_prometheus();
  scene.serve();
  scene.apply(sentiment(next_version()));
  scene.wait_for_evidence();
  std::int64_t candidate = 0;
  for (const auto& revision : world().revisions(kName)) candidate = std::max(candidate, revision.number);
  scene.page().call("--to-revision 3", "--to-revision " + std::to_string(candidate));
  ASSERT_TRUE(platform().prometheus().wait_until_all_are_up());
  scene.page().twist(
      {.command = "kubectl seraphim rollback sentiment -n models --to-revision", .before = [&] {
         // Nobody is here to approve it, and the next page compares again.
         const json canary = {{"steps", json::array({{{"weight", 50}}})}};
         const json change = {{"spec", {{"strategy", {{"canary", canary}}}, {"analysis", nullptr}}}};
         ASSERT_TRUE(world().client().merge_patch(kubernetes::Resource<op::DeploymentObject>::type(),
                                                  {world().name(), kName}, change));
       }});
  scene.page().twist({.command = "kubectl seraphim retry", .before = [&] {
                        auto broken = sentiment(next_version());
                        broken.model.never_ready = true;
                        broken.progress_deadline_seconds = 2;
                        scene.apply(broken);
                        scene.wait_for(Phase::rolled_back);
                      }});
  scene.page().run();
}

TEST_F(PlatformRow, PlaybookHighErrorRate) {
  Scene scene(world(), platform(), "high-error-rate");
  scene.at_prometheus();
  scene.serve();
  auto failing = sentiment(next_version());
  failing.model.failure_rate = "0.2";
  failing.further["errorRate"] = {{"tolerance", "49%"}, {"ceiling", "90%"}};  // the operator lets it go on
  scene.apply(failing);
  scene.wait_for_evidence();
  ASSERT_TRUE(platform().prometheus().wait_until_all_are_up());
  scene.page().run();
}

TEST_F(PlatformRow, PlaybookServiceDown) {
  PlaybookRun page("service-down", world().name(), platform().addresses());
  platform().scale("1.0", 0);  // every prediction is made up
  page.twist({.command = "kubectl seraphim health", .code = 1});
  page.twist({.command = "kubectl seraphim restart --all -n models --yes",
              .before = [] { platform().scale("1.0", 1); }});  // which a model server does when it starts
  page.twist({.command = "kubectl seraphim health",
              .before = [] { ASSERT_TRUE(platform().prometheus().wait_until_all_are_up()); },
              .occurrence = 2});
  page.run();
}

/// Behind the platform's gateway, with a world of its own.
TEST(PlaybookModelUpdate, ANewVersionIsTestedAndServes) {
  World world;
  Platform platform(world, "1.0");
  const Operator running(world);
  PlaybookRun page("model-update", world.name(), platform.addresses());
  const auto write = [&](const std::string& version, const std::string& archive) {
    json object = {{"apiVersion", "serving.seraphim.io/v1alpha1"}, {"kind", "SeraphimDeployment"}};
    object["metadata"] = {{"name", kName}, {"namespace", world.name()}};
    const json model = {{"name", "custom-text"}, {"version", version}, {"url", archive}};
    object["spec"] = {
        {"workload",
         {{"torchServe", {{"managementURL", platform.torch_serve().management()}, {"model", model}}}}},
        {"traffic", {{"seraphimGateway", {{"settle", "1s"}}}}},
        {"strategy",
         {{"canary",
           {{"steps", json::array({{{"weight", 50}, {"hold", "3s"}}})}, {"scaleDownDelay", "1s"}}}}}};
    page.folder().write("sentiment.yaml", object.dump());
  };
  write("1.0", "text-v1.mar");
  const Output first = page.shell("kubectl apply --server-side -f sentiment.yaml");
  ASSERT_EQ(first.code, 0) << first.text;
  ASSERT_TRUE(world.wait_for_phase(Phase::stable, kName, 90s));
  write("2.0", "text-v2.mar");
  std::filesystem::copy(platform.torch_serve().store() / "text-v2.mar",
                        page.folder().path() / "custom-text-v2.0.mar");
  page.twist({.command = "kubectl seraphim health", .before = [&] {
                ASSERT_TRUE(platform.prometheus().wait_until_all_are_up());
                ASSERT_TRUE(world.wait_for_phase(Phase::stable, kName));
              }});
  page.run();
}

/// "canary-monitoring" is played by a test PlaybookCanaryMonitoring.
std::string test_of(const std::string& page) {
  std::string name = "Playbook";
  bool first = true;
  for (const char c : page) {
    if (c != '-') name += first ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    first = c == '-';
  }
  return name;
}

TEST(Playbooks, EveryPageHasAScene) {
  std::vector<std::string> tests;
  const auto& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const auto& suite = *all.GetTestSuite(i);
    tests.push_back(suite.name());
    for (int j = 0; j < suite.total_test_count(); ++j) tests.push_back(suite.GetTestInfo(j)->name());
  }
  const auto pages = cli::testing::read_playbooks();
  EXPECT_EQ(pages.size(), 6u);
  for (const auto& page : pages) EXPECT_THAT(tests, ::testing::Contains(test_of(page.name)));
}

}  // namespace
}  // namespace seraphim::cluster
