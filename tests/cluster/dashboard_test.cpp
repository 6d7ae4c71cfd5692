// The chart's dashboard and alerts against a real Prometheus that scrapes a real operator.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>

#include "chart.h"
#include "environment.h"
#include "kubernetes/transport_cpprest.h"
#include "prometheus/client.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using namespace std::chrono_literals;

/// As long as it lives, the cluster's Prometheus scrapes this address.
class ScrapeTarget {
 public:
  ScrapeTarget(const std::string& name, const std::string& address)
      : file_(environment().prometheus_targets / (name + ".json")) {
    std::ofstream(file_) << json::array({{{"targets", {address}}, {"labels", {{"job", "seraphim"}}}}});
  }
  ~ScrapeTarget() { std::filesystem::remove(file_); }
  ScrapeTarget(const ScrapeTarget&) = delete;

 private:
  const std::filesystem::path file_;
};

/// An operator that has rolled back one revision and is in the middle of another one's canary.
class Dashboard : public ::testing::Test {
 protected:
  Dashboard()
      : address_("127.0.0.1:" + std::to_string(free_port())),
        transport_(kubernetes::make_cpprest_transport({environment().prometheus}, nullptr, {})),
        prometheus_(*transport_, environment().prometheus) {}

  void roll_one_back_and_another_out(const Load& load) {
    ASSERT_TRUE(world_.wait_for_phase(Phase::stable));
    ASSERT_TRUE(load.wait_for_good_answers(50));
    manifest_.model = {.version = "v2", .failure_rate = "0.3"};
    world_.apply(manifest_);
    ASSERT_TRUE(world_.wait_for_phase(Phase::rolled_back, "web", 90s));
    manifest_.model = {.version = "v3"};
    world_.apply(manifest_);
    ASSERT_TRUE(world_.wait_for("v3 is compared", [&] {
      const auto status = world_.status();
      return status.weight.observed && status.evidence.candidate_requests > 20;
    }));
  }

  /// How many series have a value that is a number; fails when Prometheus cannot read the query.
  std::size_t count(const std::string& expression) {
    const auto answer = prometheus_.query(expression, 10s);
    EXPECT_TRUE(answer) << expression << ": " << answer.error().message;
    const auto* vector = answer ? std::get_if<prometheus::Vector>(&answer->data) : nullptr;
    return vector == nullptr ? 0 : vector->entries.size();
  }
  /// The operator writes its status once a second, so the question is asked about that often.
  void expect_data(const std::string& what, const std::string& expression) {
    EXPECT_TRUE(world_.wait_for(
        what + " has data", [&] { return count(expression) > 0; }, 20s))
        << expression;
  }

  World world_;
  DeploymentManifest manifest_{.model = {.version = "v1"},
                               .steps = json::array({{{"weight", 20}, {"hold", "10m"}}})};
  const std::string address_;
  std::unique_ptr<kubernetes::Transport> transport_;
  prometheus::Client prometheus_;
};

TEST_F(Dashboard, EveryQueryReturnsDataAndEveryAlertCanBeAsked) {
  world_.apply_route();
  const Operator running(world_, {.metrics_address = address_});
  const ScrapeTarget scraped(world_.name(), address_);
  world_.apply(manifest_);
  const Load load(world_, 50);
  roll_one_back_and_another_out(load);
  ASSERT_FALSE(HasFatalFailure());

  for (const PanelQuery& query : dashboard_queries(world_.name()))
    expect_data("the panel '" + query.panel + "'", query.expression);

  std::set<std::string> metrics;
  for (const Alert& alert : alerts()) {
    (void)count(alert.expression);  // what it is about is not the case here, but it must be understood
    const std::regex metric("seraphim_[a-z_]+");
    for (std::sregex_iterator at(alert.expression.begin(), alert.expression.end(), metric), end; at != end;
         ++at)
      metrics.insert(at->str());
  }
  EXPECT_GE(metrics.size(), 6u);
  for (const std::string& metric : metrics) expect_data("what an alert asks for", metric);
  EXPECT_EQ(count("ALERTS or seraphim_no_such_metric"), 0u) << "a count of 0 is possible";
}

}  // namespace
}  // namespace seraphim::cluster
