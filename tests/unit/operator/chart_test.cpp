// The chart stays in step with what it is made from.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace seraphim::op {
namespace {

const std::string kSource = SERAPHIM_SOURCE_DIR;
const std::string kFiles = kSource + "/charts/seraphim-operator/files/";

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string indented(const std::string& text) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) result += "  " + line + "\n";
  return result;
}

TEST(Chart, GrantsWhatTheManifestGrants) {
  const std::string manifest = text_of(kSource + "/manifests/rbac.yaml");
  const std::size_t begin = manifest.find("rules:\n") + std::string("rules:\n").size();
  EXPECT_EQ(manifest.substr(begin, manifest.find("---\n") - begin),
            indented(text_of(kFiles + "rules-of-objects.txt") + text_of(kFiles + "rules-of-leases.txt")));
}

TEST(Chart, BringsTheCrdsAsTheyAre) {
  for (const std::string crd :
       {"serving.seraphim.io_seraphimdeployments.yaml", "serving.seraphim.io_seraphimfreezes.yaml"})
    EXPECT_EQ(text_of(kFiles + crd), text_of(kSource + "/crds/" + crd)) << "copy it";
}

TEST(Chart, AlertsAndDashboardAskForDocumentedMetrics) {
  const std::string documented = text_of(kSource + "/docs/metrics.md");
  const std::regex name(R"(seraphim_[a-z_]+)"), suffix("_(bucket|count|sum)$");
  for (const char* file : {"alerts.yaml", "dashboard.json"}) {
    const std::string text = text_of(kFiles + file);
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
