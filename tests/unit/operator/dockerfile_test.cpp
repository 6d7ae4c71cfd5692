// The Dockerfile makes the image that hack/image makes and that the cluster suite runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "operator/project_file.h"

namespace seraphim::op {
namespace {

using testing::found_in;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::project_file;
using Labels = std::map<std::string, std::string>;

/// The lines that say what a container of the image is like.
std::string last_stage() {
  const std::string text = project_file("Dockerfile");
  return text.substr(text.rfind("\nFROM ") + 1);
}

Labels labels_of(const std::string& text) {
  Labels labels;
  const std::regex label(R"re((org\.opencontainers\.[a-z.]+)="([^"]*)")re");
  for (std::sregex_iterator at(text.begin(), text.end(), label), end; at != end; ++at)
    labels[(*at)[1]] = (*at)[2];
  return labels;
}

TEST(Dockerfile, HasTheFilesOfHackImageAndNoOthers) {
  EXPECT_THAT(last_stage(), ::testing::StartsWith("FROM scratch\n"));
  const std::string options =
      found_in("hack/load-demo-images", R"(/seraphim-operator:\$version" "\$program" (.*) \\)");
  EXPECT_EQ(found_in("Dockerfile", "controller/seraphim-operator (.*) --root /image\n"), options);
  EXPECT_EQ(found_in("Dockerfile", "FROM scratch[^]*\nCOPY (.*)\n"), "--from=build /image/ /");
  EXPECT_THAT(last_stage(), Not(HasSubstr("\nADD ")));
  EXPECT_THAT(last_stage(), Not(HasSubstr("\nRUN ")));
}

TEST(Dockerfile, HasThePackagesOfHackSetupAndNoOthers) {
  const std::string text = project_file("Dockerfile");
  EXPECT_THAT(text, HasSubstr("\nRUN hack/setup --image\n"));
  EXPECT_THAT(text, Not(HasSubstr("apt")));
  EXPECT_THAT(project_file("hack/setup"),
              HasSubstr("--image) PACKAGES=(\"${BUILDING[@]}\" \"${IMAGE[@]}\")"));
}

TEST(Dockerfile, RunsAsHackImageDoes) {
  const std::string user = found_in("hack/image", R"(\nUSER_ID=(\d+) )");
  EXPECT_EQ(found_in("Dockerfile", "\nUSER (.*)\n"), user + ":" + user);
  EXPECT_EQ(found_in("charts/seraphim-operator/templates/deployment.yaml", R"(runAsUser: (\d+))"), user);
  EXPECT_EQ(found_in("Dockerfile", "FROM scratch[^]*\nENV (.*)\n"),
            found_in("hack/image", R"(\bENVIRONMENT=\((.*?)\))"));
  EXPECT_EQ(found_in("Dockerfile", "FROM scratch[^]*\nWORKDIR (.*)\n"),
            found_in("hack/image", R"re(WorkingDir: "(.*?)")re"));
  EXPECT_EQ(
      found_in("Dockerfile", "\nENTRYPOINT (.*)\n"),
      "[\"" + found_in("hack/image", R"re(\nENTRYPOINT=\((.*?)"\$\(basename)re") + "seraphim-operator\"]");
}

TEST(Dockerfile, HasTheLabelsOfTheImageThatTheTestsRun) {
  const std::string version = found_in("CMakeLists.txt", R"(project\(\S+ VERSION (\S+))");
  Labels tested = labels_of(project_file("hack/load-demo-images"));
  EXPECT_EQ(std::exchange(tested["org.opencontainers.image.version"], version), "$version");
  EXPECT_EQ(labels_of(last_stage()), tested);
  EXPECT_EQ(tested["org.opencontainers.image.description"],
            found_in("CMakeLists.txt", R"re(DESCRIPTION "(.*)")re"));
}

}  // namespace
}  // namespace seraphim::op
