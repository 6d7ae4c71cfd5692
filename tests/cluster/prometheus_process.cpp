#include "prometheus_process.h"

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "environment.h"
#include "torch_serve_process.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

std::string configuration_of(const std::vector<std::pair<std::string, std::string>>& jobs) {
  json scraped = json::array();
  for (const auto& [job, target] : jobs) {
    scraped.push_back({{"job_name", job},
                       {"fallback_scrape_protocol", "PrometheusText0.0.4"},
                       {"static_configs", json::array({{{"targets", {target}}}})}});
  }
  const json all = {{"global", {{"scrape_interval", "1s"}, {"scrape_timeout", "1s"}}},
                    {"scrape_configs", scraped}};
  return all.dump();  // JSON is YAML
}

std::size_t count_of(const json& targets, const std::string& health) {
  std::size_t count = 0;
  for (const auto& target : targets) count += target.value("health", "") == health ? 1 : 0;
  return count;
}

}  // namespace

PrometheusProcess::PrometheusProcess(const std::vector<std::pair<std::string, std::string>>& jobs)
    : port_(free_port()) {
  const auto& folder = folder_.path();
  const auto configuration = folder_.write("prometheus.yml", configuration_of(jobs));
  const auto program = std::filesystem::path(variable("SERAPHIM_PROMTOOL")).parent_path() / "prometheus";
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{program.string(), "--config.file=" + configuration.string(),
                               "--storage.tsdb.path=" + (folder / "data").string(),
                               "--web.listen-address=127.0.0.1:" + std::to_string(port_),
                               "--scrape.discovery-reload-interval=1s", "--log.level=warn"},
      folder / "log");
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (!ask(url() + "/-/ready").starts_with("200")) {
    if (process_->wait(50ms) || std::chrono::steady_clock::now() > end)
      throw std::runtime_error("Prometheus did not come up: " + read_file(folder / "log"));
  }
}

PrometheusProcess::~PrometheusProcess() {
  process_->signal(SIGTERM);
  if (!process_->wait(10s)) process_->kill_and_wait();
}

::testing::AssertionResult PrometheusProcess::wait_until(const std::string& what,
                                                         const std::function<bool()>& condition) const {
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return ::testing::AssertionSuccess();
    if (process_->wait(100ms)) break;  // returns early only when it ended
  }
  return ::testing::AssertionFailure() << "not within 30 s: " << what << "\n"
                                       << ask(url() + "/api/v1/targets");
}

::testing::AssertionResult PrometheusProcess::wait_until_all_are_up() const {
  return wait_until("all targets are up", [&] {
    const std::string said = ask(url() + "/api/v1/targets");
    const json answer = json::parse(said.substr(said.find(' ')), nullptr, false);
    const json targets = answer.is_object() ? answer["data"].value("activeTargets", json::array()) : json();
    return !targets.empty() && count_of(targets, "up") == targets.size();
  });
}

}  // namespace seraphim::cluster
