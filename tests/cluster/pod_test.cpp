// How long the chart's pod takes from the start of its container until its watches are filled; a figure, not
// a bound.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "api/time.h"
#include "audit_log.h"
#include "environment.h"
#include "operator_pod.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using namespace std::chrono_literals;

/// To 10 ms, as the kernel counts.
api::Time start_of(pid_t pid) {
  std::ifstream stat("/proc/stat");
  std::int64_t boot = 0;
  for (std::string word; stat >> word;) {
    if (word == "btime") stat >> boot;
  }
  const std::string line = read_file("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 19; ++i) fields >> skipped;
  double ticks = 0;
  fields >> ticks;
  const double seconds = ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  return api::Time(std::chrono::seconds(boot)) +
         std::chrono::milliseconds(static_cast<std::int64_t>(1000 * seconds));
}

/// The time of the first line with these words; nothing when there is none.
std::optional<api::Time> time_of(const std::string& log, const std::string& words) {
  const std::size_t found = log.find(words);
  if (found == std::string::npos) return std::nullopt;
  const std::size_t line = log.rfind('\n', found) == std::string::npos ? 0 : log.rfind('\n', found) + 1;
  const auto entry = nlohmann::json::parse(log.substr(line, log.find('\n', found) - line));
  const auto time = api::parse_time(entry.at("time").get<std::string>());
  return time ? std::optional<api::Time>(*time) : std::nullopt;
}

TEST(Pod, IsReadySoonAfterItsStart) {
  World world;
  const auto log = environment().artifacts / (world.name() + "-pod.log");
  OperatorPod pod(world.name(), "one", {"--log-level", "debug"}, log);
  const auto ready = [&] {
    pod.collect_log();
    return time_of(read_file(log), "ready: all watches are filled");
  };
  // The log is no object: something to wake up for is made by the pod itself, which writes its Lease.
  ASSERT_TRUE(world.wait_for("it says that it is ready", [&] {
    world.apply(
        DeploymentManifest{.model = {.version = "v1"}, .traffic = {{"replicas", nlohmann::json::object()}}});
    return ready().has_value();
  }));
  const auto took = *ready() - start_of(pod.pid());
  std::cout << "pod: ready " << took.count() << " ms after the start of its process, RSS "
            << rss_kib(pod.pid()) << " KiB\n";
  RecordProperty("ready_ms", std::to_string(took.count()));
  EXPECT_GE(took.count(), -20) << "the log's clock is another one";
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait(30s), 0);
}

}  // namespace
}  // namespace seraphim::cluster
