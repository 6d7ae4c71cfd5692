// The chart stays in step with what it is made from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/project_file.h"

namespace seraphim::op {
namespace {

using testing::found_in;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::project_file;

const std::string kChart = "charts/seraphim-operator/";
const std::string kFiles = kChart + "files/";

std::string indented(const std::string& text) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) result += "  " + line + "\n";
  return result;
}

TEST(Chart, GrantsWhatTheManifestGrants) {
  const std::string manifest = project_file("manifests/rbac.yaml");
  const std::size_t begin = manifest.find("rules:\n") + std::string("rules:\n").size();
  EXPECT_EQ(
      manifest.substr(begin, manifest.find("---\n") - begin),
      indented(project_file(kFiles + "rules-of-objects.txt") + project_file(kFiles + "rules-of-leases.txt")));
}

TEST(Chart, GivesNoRightOnSecrets) {
  // The operator reads none: keys and tokens come as files of its own pod, which the kubelet mounts.
  for (const std::string& file :
       {kFiles + "rules-of-objects.txt", kFiles + "rules-of-leases.txt", kChart + "templates/rbac.yaml",
        std::string("manifests/rbac.yaml"), std::string("manifests/all-namespaces/operator.yaml"),
        std::string("manifests/single-namespace/operator.yaml")}) {
    const std::string rules = project_file(file);
    EXPECT_THAT(rules, Not(HasSubstr("secrets"))) << file;
    EXPECT_THAT(rules, Not(HasSubstr("*"))) << file << ": a wildcard would be a right on Secrets too";
  }
}

TEST(Chart, GivesARightOnSecretsOnlyByTheirNames) {
  const std::string values = project_file(kChart + "values.yaml");
  EXPECT_THAT(values, HasSubstr("tokenSecrets: []\n")) << "none by default";
  for (const std::string& file :
       {kChart + "templates/torchserve-tokens.yaml", std::string("manifests/torchserve-token/role.yaml")}) {
    const std::string rules = project_file(file);
    std::size_t rights = 0;
    for (auto at = rules.find("resources: [secrets]"); at != std::string::npos;
         at = rules.find("resources: [secrets]", at + 1), ++rights) {
      const std::string rule = rules.substr(at, rules.find("---", at) - at);
      EXPECT_THAT(rule, HasSubstr("resourceNames: ")) << file;
      EXPECT_THAT(rule, HasSubstr("verbs: [get]\n")) << file;
    }
    EXPECT_EQ(rights, 1u) << file;
    EXPECT_THAT(rules, Not(HasSubstr("ClusterRole"))) << file;
    EXPECT_THAT(rules, Not(HasSubstr("list"))) << file << ": neither a list nor a watch of Secrets";
  }
}

TEST(Chart, InstallsTheProgramOfThisVersion) {
  EXPECT_EQ(found_in(kChart + "Chart.yaml", "appVersion: \"(.*)\""),
            found_in("CMakeLists.txt", R"(project\(\S+ VERSION (\S+))"));
}

TEST(Chart, BringsTheCrdsAsTheyAre) {
  for (const std::string crd :
       {"serving.seraphim.io_seraphimdeployments.yaml", "serving.seraphim.io_seraphimfreezes.yaml"})
    EXPECT_EQ(project_file(kFiles + crd), project_file("crds/" + crd)) << "copy it";
}

TEST(Chart, TheAlertsAreDocumentedWithTheirSeverity) {
  const std::string documented = project_file("docs/operations.md"),
                    alerts = project_file(kFiles + "alerts.yaml");
  const std::regex alert(R"(alert: (\w+)[^]*?severity: (\w+))");
  int found = 0;
  for (std::sregex_iterator at(alerts.begin(), alerts.end(), alert), end; at != end; ++at, ++found)
    EXPECT_THAT(documented, HasSubstr("| `" + at->str(1) + "` | " + at->str(2) + " |"));
  EXPECT_GE(found, 9);
}

TEST(Chart, AlertsAndDashboardAskForDocumentedMetrics) {
  const std::string documented = project_file("docs/metrics.md");
  const std::regex name(R"(seraphim_[a-z_]+)"), suffix("_(bucket|count|sum)$");
  for (const char* file : {"alerts.yaml", "dashboard.json"}) {
    const std::string text = project_file(kFiles + file);
    int found = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at, ++found) {
      const std::string metric = std::regex_replace(at->str(), suffix, "");
      EXPECT_NE(documented.find("`" + metric + "`"), std::string::npos) << file << ": " << metric;
    }
    EXPECT_GT(found, 10) << file;
  }
}

}  // namespace
}  // namespace seraphim::op
