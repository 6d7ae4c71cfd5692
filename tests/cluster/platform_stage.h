// What the tests of the platform's rows and of the playbooks share: one platform with the operator, and
// whatever SeraphimDeployment `sentiment` a playbook is about.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "platform.h"
#include "world.h"

namespace seraphim::cluster {

class PlatformRow : public ::testing::Test {
 protected:
  struct Stage {
    World world{};
    Platform platform{world, "2.0"};
    Operator running{world};
  };
  static void SetUpTestSuite() { stage = std::make_unique<Stage>(); }
  static void TearDownTestSuite() { stage.reset(); }

  static World& world() { return stage->world; }
  static Platform& platform() { return stage->platform; }

  /// kubectl-seraphim with these words and the platform's addresses.
  static Output ask(const std::vector<std::string>& words, const std::string& input = {});
  /// The same, in the stage's namespace.
  static Output ask_here(std::vector<std::string> words, const std::string& input = {});

  static std::unique_ptr<Stage> stage;
};

}  // namespace seraphim::cluster
