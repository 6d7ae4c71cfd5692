// kubectl-seraphim post-mortem: which document it takes, and where it puts it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cluster_desk.h"
#include "kubernetes/temporary_folder.h"

namespace seraphim::cli {
namespace {

using ::testing::AllOf;
using testing::ClusterDesk;
using ::testing::HasSubstr;
using testing::json;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kFolder = "/api/v1/namespaces/shop/configmaps/";

void add_document(ClusterDesk& desk, int number, const std::string& day,
                  const std::string& kind = "SeraphimDeployment") {
  const std::string name = "web-" + std::to_string(number) + "-rollback-" + day;
  desk.cluster->objects[kFolder + name] = {
      {"metadata",
       {{"name", name},
        {"labels",
         {{"serving.seraphim.io/name", "web"},
          {"serving.seraphim.io/document", "post-mortem"},
          {"serving.seraphim.io/revision", "web-" + std::to_string(number)}}},
        {"annotations",
         {{"serving.seraphim.io/rolled-back-at", "2026-11-" + day + "T10:00:00.250Z"},
          {"serving.seraphim.io/revision-number", std::to_string(number)},
          {"serving.seraphim.io/reason", "ErrorRateWorseThanStable"},
          {"serving.seraphim.io/verification", "Pending"}}},
        {"ownerReferences",
         json::array({{{"kind", kind}, {"name", "web"}, {"uid", "u-1"}, {"controller", true}}})}}},
      {"data",
       {{"post-mortem.md", "# of " + std::to_string(number) + " on " + day + "\n"},
        {"chart.svg", "<svg/>\n"}}}};
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(PostMortemCommand, PrintsTheNewest) {
  ClusterDesk desk;
  add_document(desk, 4, "20");
  add_document(desk, 3, "21");
  add_document(desk, 2, "19");
  const auto said = desk.run({"post-mortem", "web"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_EQ(said.out, "# of 3 on 21\n");
  const std::string asked = desk.cluster->requests.at(0).target;
  EXPECT_THAT(asked, HasSubstr("/namespaces/shop/configmaps?"));
  EXPECT_THAT(
      asked,
      HasSubstr(
          "labelSelector=serving.seraphim.io%2Fname%3Dweb%2Cserving.seraphim.io%2Fdocument%3Dpost-mortem"));
}

TEST(PostMortemCommand, OrTheNewestOfARevision) {
  ClusterDesk desk;
  add_document(desk, 2, "19");
  add_document(desk, 2, "20");
  add_document(desk, 3, "21");
  EXPECT_EQ(desk.run({"post-mortem", "web", "--revision", "2"}).out, "# of 2 on 20\n");
  const auto none = desk.run({"post-mortem", "web", "--revision", "7"});
  EXPECT_EQ(none.code, kBad);
  EXPECT_THAT(none.err,
              AllOf(HasSubstr("no post-mortem of revision 7; there are:\n"), HasSubstr("web-3-rollback-21")));
}

TEST(PostMortemCommand, Lists) {
  ClusterDesk desk;
  add_document(desk, 3, "21");
  add_document(desk, 2, "19");
  const auto said = desk.run({"post-mortem", "web", "--list"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_EQ(
      said.out,
      "NUMBER  REVISION  ROLLED BACK           REASON                    VERIFICATION  CONFIGMAP\n"
      "2       web-2     2026-11-19T10:00:00Z  ErrorRateWorseThanStable  Pending       web-2-rollback-19\n"
      "3       web-3     2026-11-21T10:00:00Z  ErrorRateWorseThanStable  Pending       web-3-rollback-21\n");
}

TEST(PostMortemCommand, WritesTheDocumentAndItsChartSideBySide) {
  ClusterDesk desk;
  add_document(desk, 3, "21");
  const kubernetes::testing::TemporaryFolder folder;
  const std::filesystem::path place = std::filesystem::path(folder.path()) / "a" / "b";
  const auto said = desk.run({"post-mortem", "web", "--output-dir", place.string()});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_THAT(said.out, StartsWith("wrote " + (place / "post-mortem.md").string()));
  EXPECT_EQ(contents(place / "post-mortem.md"), "# of 3 on 21\n");
  EXPECT_EQ(contents(place / "chart.svg"), "<svg/>\n");
  const auto refused = desk.run({"post-mortem", "web", "--output-dir", (place / "chart.svg").string()});
  EXPECT_EQ(refused.code, kUnusable);
  EXPECT_THAT(refused.err, HasSubstr("chart.svg"));
}

TEST(PostMortemCommand, NoneIsASentenceAndNotGood) {
  ClusterDesk desk;
  const auto said = desk.run({"post-mortem", "web"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("shop/web has no post-mortem: nothing of it was rolled back"));
  EXPECT_EQ(desk.run({"post-mortem", "web", "--list"}).code, kBad);
  add_document(desk, 3, "21", "Deployment");
  EXPECT_EQ(desk.run({"post-mortem", "web"}).code, kBad) << "somebody else's with the same labels";
}

TEST(PostMortemCommand, WordsThatDoNotGoTogetherAreRefused) {
  ClusterDesk desk;
  EXPECT_EQ(desk.run({"post-mortem", "web", "--list", "--revision", "2"}).code, kUnusable);
  EXPECT_EQ(desk.run({"post-mortem", "web", "--revision", "0"}).code, kUnusable);
}

}  // namespace
}  // namespace seraphim::cli
