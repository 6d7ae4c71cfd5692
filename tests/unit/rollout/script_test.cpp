// Whole stories, word for word: every action and every telling in its order and at its time, as written down
// in tests/data/rollout_scripts.txt. SERAPHIM_WRITE_SCRIPTS=1 writes that file anew, to be read before it is
// believed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "rollout/stories.h"

namespace seraphim::rollout {
namespace {

const char* const kScripts = SERAPHIM_SOURCE_DIR "/tests/data/rollout_scripts.txt";

const std::vector<std::string> kTold = {"a good one is promoted",
                                        "a bad one is rolled back",
                                        "a bad one is rolled back from the bake",
                                        "one that is never ready is rolled back",
                                        "a first one that is never ready, then another",
                                        "a failed one is retried",
                                        "a failed one comes again",
                                        "approved by a person",
                                        "paused and resumed",
                                        "frozen before a new spec",
                                        "frozen in mid-canary",
                                        "a bad one is rolled back in a freeze",
                                        "a freeze is overridden",
                                        "metrics away and back",
                                        "promoted without a bake",
                                        "taken back in the bake",
                                        "replaced in the bake",
                                        "the weight is edited by hand",
                                        "replicas change in mid-canary",
                                        "steps change in mid-canary",
                                        "new spec at step 2",
                                        "reverted at step 2"};

/// From the moment on at which "v1" serves: all but the first story begin alike.
std::string told(const Story& story) {
  World world;
  story.run(world);
  const std::string script = world.script();
  const auto second = script.find("s -- spec: v2");
  const bool all = story.name == kTold.front() || second == std::string::npos;
  return all ? script : script.substr(script.rfind('\n', second) + 1);
}

std::string all_scripts() {
  std::string all;
  for (const Story& story : all_stories()) {
    if (std::find(kTold.begin(), kTold.end(), story.name) == kTold.end()) continue;
    all += "# " + story.name + "\n" + told(story) + "\n";
  }
  return all;
}

std::string written_scripts() {
  std::ostringstream text;
  text << std::ifstream(kScripts).rdbuf();
  return text.str();
}

/// The part of a file under this heading.
std::string part(const std::string& all, const std::string& name) {
  const std::string heading = "# " + name + "\n";
  const auto start = all.find(heading);
  if (start == std::string::npos) return "there is no script '" + name + "'";
  return all.substr(start + heading.size(), all.find("\n\n", start) + 1 - start - heading.size());
}

TEST(Scripts, AreFollowedWordForWord) {
  if (std::getenv("SERAPHIM_WRITE_SCRIPTS") != nullptr) std::ofstream(kScripts) << all_scripts();
  const std::string wanted = written_scripts(), is = all_scripts();
  for (const std::string& name : kTold) EXPECT_EQ(part(is, name), part(wanted, name)) << name;
}

}  // namespace
}  // namespace seraphim::rollout
