// A quiet world is left alone (invariant 10), and costs next to nothing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "audit_log.h"
#include "environment.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using namespace std::chrono_literals;

constexpr int kObjects = 20;

TEST(Quiet, TwentyObjectsWithNothingToDoAreNotWrittenTo) {
  World world;
  Operator running(world);
  for (int i = 0; i < kObjects; ++i) {
    const std::string name = "web-" + std::to_string(i);
    world.apply_route(name);
    world.apply(DeploymentManifest{
        .name = name,
        .model = {.version = "v1"},
        .replicas = 1,
        .traffic = {{"gatewayAPI", {{"routes", nlohmann::json::array({{{"name", name}}})}}}}});
  }
  for (int i = 0; i < kObjects; ++i)
    ASSERT_TRUE(world.wait_for_phase(Phase::stable, "web-" + std::to_string(i), 120s));

  // The last counts of the last pods may still be on their way into a status.
  EXPECT_FALSE(running.wait_for_end(5s));
  AuditLog audit;
  const double before = cpu_seconds(running.pid());
  // The length of time is the very thing that is measured: nothing may happen in it.
  const auto window = std::chrono::seconds(60);
  EXPECT_FALSE(running.wait_for_end(window));
  const double used = cpu_seconds(running.pid()) - before;
  const auto writes = audit.new_writes(world.name(), {"leases"});
  EXPECT_TRUE(writes.empty()) << writes.size() << " writes, the first: " << writes.front();
  RecordProperty("cpu_percent_of_a_core", std::to_string(100 * used / static_cast<double>(window.count())));
  RecordProperty("rss_kib", std::to_string(rss_kib(running.pid())));
  std::cout << "quiet: " << kObjects << " objects, " << window.count() << " s: " << writes.size()
            << " writes, CPU " << 100 * used / static_cast<double>(window.count()) << " % of a core, RSS "
            << rss_kib(running.pid()) << " KiB\n";
}

}  // namespace
}  // namespace seraphim::cluster
