// What a scrape sees, and that docs/metrics.md says the same.
#include "operator/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "kubernetes/fake_transport.h"
#include "kubernetes/hand_clock.h"
#include "operator/timed_transport.h"

namespace seraphim::op {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

struct Documented {
  std::string type;
  std::set<std::string> labels;
  bool operator==(const Documented&) const = default;
};
using Catalogue = std::map<std::string, Documented>;

void PrintTo(const Documented& metric, std::ostream* out) {
  *out << metric.type << " {";
  for (const auto& label : metric.labels) *out << " " << label;
  *out << " }";
}

/// The tables of the page: name, type and labels.
Catalogue documented() {
  std::ifstream page(SERAPHIM_SOURCE_DIR "/docs/metrics.md");
  const std::regex row(R"(\| `(\w+)` \| (\w+) \| ([\w, ]*)\| .+)"), word(R"(\w+)");
  Catalogue found;
  for (std::string line; std::getline(page, line);) {
    std::smatch parts;
    if (!std::regex_match(line, parts, row)) continue;
    const std::string labels = parts[3];
    found[parts[1]] = {parts[2], {std::sregex_token_iterator(labels.begin(), labels.end(), word), {}}};
  }
  return found;
}

/// The same of a scrape.
Catalogue scraped(const std::string& text) {
  const std::regex type(R"(# TYPE (\w+) (\w+))"), series(R"((\w+)\{([^}]*)\} .*)"), label(R"((\w+)=")");
  Catalogue found;
  std::istringstream lines(text);
  std::string current;
  for (std::string line; std::getline(lines, line);) {
    std::smatch parts;
    if (std::regex_match(line, parts, type)) {
      current = parts[1];
      found[current].type = parts[2];
    } else if (std::regex_match(line, parts, series)) {
      const std::string labels = parts[2];
      for (std::sregex_iterator at(labels.begin(), labels.end(), label), end; at != end; ++at)
        found[current].labels.insert((*at)[1]);
    }
    found[current].labels.erase("le");
  }
  found.erase("");
  return found;
}

class MetricsTest : public ::testing::Test {
 protected:
  MetricsTest() {
    metrics_.watch({.queue = queue_,
                    .clock = clock_,
                    .watches = [this] { return watches_; },
                    .deployments = [this] { return deployments_; }});
  }

  static api::SeraphimDeployment in_rollout() {
    api::SeraphimDeployment object;
    object.namespace_ = "shop";
    object.name = "web";
    object.spec.strategy.steps.resize(3);
    api::Status& status = object.status;
    status.phase = api::Phase::progressing;
    status.stable_revision = "web-1";
    status.candidate_revision = "web-2";
    status.step = 2;
    status.started_at = api::Time(1000s);
    status.weight = {.desired = api::Percent::whole(25),
                     .applied = api::Percent::whole(10),
                     .observed = api::Percent::from_basis_points(1250)};
    status.evidence.last_look = api::Time(1060s);
    status.evidence.baseline_requests = 900;
    status.evidence.baseline_failures = 1;
    status.evidence.candidate_requests = 100;
    status.evidence.candidate_failures = 7;
    status.conditions.resize(3);
    status.conditions[0].type = "Ready";
    status.conditions[0].status = api::ConditionStatus::true_;
    status.conditions[1].type = "RolledBack";
    status.conditions[1].status = api::ConditionStatus::false_;
    status.conditions[2].type = "EnoughTraffic";
    return object;
  }
  void show(api::SeraphimDeployment object) {
    auto stored = std::make_shared<DeploymentObject>();
    stored->object = std::move(object);
    deployments_.push_back(std::move(stored));
  }
  /// The series whose names begin so, one "name{labels} value" each.
  std::vector<std::string> series(const std::string& start) const {
    std::vector<std::string> found;
    std::istringstream lines(metrics_.text());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(start)) found.push_back(line);
    }
    return found;
  }
  void written(const api::SeraphimDeployment& before, const api::Status& after, api::Time now) {
    metrics_.rollouts().status_written(before, after, now);
  }
  static api::Status rolled_back(api::Status status) {
    status.last_rollback = api::RollbackStatus{.from_revision = "web-2",
                                               .to_revision = "web-1",
                                               .reason = "ErrorRateWorseThanStable",
                                               .message = {},
                                               .at = api::Time(1090s)};
    return status;
  }

  kubernetes::testing::HandClock clock_;
  kubernetes::WorkQueue queue_;
  std::vector<kubernetes::WatchState> watches_;
  std::vector<std::shared_ptr<const DeploymentObject>> deployments_;
  Metrics metrics_;
};

TEST_F(MetricsTest, ThePageSaysWhatTheProgramDoes) {
  show(in_rollout());
  watches_ = {{.resource = "pods", .last_arrival = clock_.steady()}};
  metrics_.reconciled(1ms, true);
  metrics_.told("Promoted");
  const kubernetes::ResourceType pods{.version = "v1", .plural = "pods", .kind = "Pod"};
  metrics_.called({"get", pods, 200, kubernetes::TransportError::none, 1ms});
  metrics_.asked_prometheus({.http = 200}, 1ms);
  written(in_rollout(), rolled_back(in_rollout().status), api::Time(1090s));
  EXPECT_EQ(scraped(metrics_.text()), documented());
  EXPECT_GE(documented().size(), 25u) << "the tables are not read";
}

TEST_F(MetricsTest, AnObjectIsToldWithTheSharesOfItsRevisions) {
  show(in_rollout());
  EXPECT_THAT(
      series("seraphim_deployment_weight_desired_ratio{"),
      ElementsAre(
          R"(seraphim_deployment_weight_desired_ratio{namespace="shop",name="web",role="stable",revision="web-1"} 0.75)",
          R"(seraphim_deployment_weight_desired_ratio{namespace="shop",name="web",role="candidate",revision="web-2"} 0.25)"));
  EXPECT_THAT(series("seraphim_deployment_weight_applied_ratio{").back(),
              HasSubstr(R"(revision="web-2"} 0.1)"));
  EXPECT_THAT(series("seraphim_deployment_weight_observed_ratio{").back(),
              HasSubstr(R"(revision="web-2"} 0.125)"));
  EXPECT_THAT(series("seraphim_deployment_step"),
              ElementsAre(R"(seraphim_deployment_step{namespace="shop",name="web"} 2)",
                          R"(seraphim_deployment_steps{namespace="shop",name="web"} 3)"));
  EXPECT_THAT(series("seraphim_deployment_condition{"),
              ElementsAre(HasSubstr(R"(type="Ready"} 1)"), HasSubstr(R"(type="RolledBack"} 0)")))
      << "what is unknown is not told";
  EXPECT_THAT(series("seraphim_deployment_requests{"),
              ElementsAre(HasSubstr(R"(role="stable",revision="web-1",outcome="good"} 899)"),
                          HasSubstr(R"(role="stable",revision="web-1",outcome="failed"} 1)"),
                          HasSubstr(R"(role="candidate",revision="web-2",outcome="good"} 93)"),
                          HasSubstr(R"(role="candidate",revision="web-2",outcome="failed"} 7)")));
}

TEST_F(MetricsTest, PhasesAreCountedAndNoneIsMissing) {
  show(in_rollout());
  show(in_rollout());
  EXPECT_EQ(series("seraphim_deployments{").size(), 11u);
  EXPECT_THAT(series("seraphim_deployments{"), IsSupersetOf({R"(seraphim_deployments{phase="Progressing"} 2)",
                                                             R"(seraphim_deployments{phase="Stable"} 0)"}));
}

TEST_F(MetricsTest, FrozenOnesAreCounted) {
  auto frozen = in_rollout();
  frozen.status.conditions = {{"Frozen", api::ConditionStatus::true_, "FreezeInForce", "", 1, {}}};
  show(frozen);
  show(in_rollout());
  EXPECT_THAT(series("seraphim_deployments_frozen"), ElementsAre("seraphim_deployments_frozen 1"));
}

TEST_F(MetricsTest, AVerifiedRollbackIsCountedOnce) {
  auto before = in_rollout();
  before.status = rolled_back(before.status);
  before.status.last_rollback->verification = api::VerificationStatus{.until = api::Time(1200s)};
  api::Status after = before.status;
  written(before, after, api::Time(1100s));
  after.last_rollback->verification->result = api::VerificationResult::not_recovered;
  written(before, after, api::Time(1110s));
  before.status = after;
  written(before, after, api::Time(1120s));
  EXPECT_THAT(
      series("seraphim_rollback_verifications_total"),
      UnorderedElementsAre(HasSubstr(R"({result="NotRecovered"} 1)"), HasSubstr(R"({result="Recovered"} 0)"),
                           HasSubstr(R"({result="Undecided"} 0)")));
  EXPECT_THAT(series("seraphim_rollbacks_total"), ::testing::IsEmpty())
      << "what is said of a rollback later is no other rollback";
}

TEST_F(MetricsTest, ARollbackByHandIsNoFailure) {
  const auto before = in_rollout();
  api::Status after = rolled_back(before.status);
  after.last_rollback->reason = "Cancelled";
  after.candidate_revision.clear();
  written(before, after, api::Time(1100s));
  EXPECT_THAT(series("seraphim_rollbacks_total"), ::testing::IsEmpty());
  EXPECT_THAT(series("seraphim_rollout_seconds_count{outcome=\"withdrawn\"}"), ElementsAre(HasSubstr("} 1")));
}

TEST_F(MetricsTest, WithoutACandidateStableHasEverything) {
  auto object = in_rollout();
  object.status.candidate_revision.clear();
  object.status.weight = {};
  show(object);
  EXPECT_THAT(series("seraphim_deployment_weight_desired_ratio{"),
              ElementsAre(HasSubstr(R"(role="stable",revision="web-1"} 1)")));
  EXPECT_THAT(series("seraphim_deployment_requests{"), ElementsAre());
}

TEST_F(MetricsTest, SeriesGoWithTheirObject) {
  show(in_rollout());
  written(in_rollout(), rolled_back(in_rollout().status), api::Time(1090s));
  ASSERT_THAT(metrics_.text(), HasSubstr("web"));
  deployments_.clear();
  metrics_.rollouts().forget({"shop", "web"});
  EXPECT_THAT(metrics_.text(), Not(HasSubstr("web"))) << "neither an object nor a revision is remembered";
}

TEST_F(MetricsTest, ARollbackIsCountedOnceWithItsReasonAndItsTime) {
  auto object = in_rollout();
  object.status.evidence.candidate_failures = 0;
  api::Status failing = object.status;
  failing.evidence.candidate_failures = 3;
  failing.evidence.candidate_requests = 110;
  written(object, failing, api::Time(1070s));
  object.status = failing;
  failing.evidence.candidate_failures = 8;
  failing.evidence.candidate_requests = 120;
  written(object, rolled_back(failing), api::Time(1082s));
  object.status = rolled_back(failing);
  api::Status ended = object.status;
  ended.candidate_revision.clear();
  ended.evidence = {};
  written(object, ended, api::Time(1090s));

  EXPECT_THAT(series("seraphim_rollbacks_total"),
              ElementsAre(R"(seraphim_rollbacks_total{reason="ErrorRateWorseThanStable"} 1)"));
  EXPECT_THAT(series("seraphim_detection_seconds_sum"), ElementsAre("seraphim_detection_seconds_sum 12"));
  EXPECT_THAT(series("seraphim_candidate_requests_total"),
              UnorderedElementsAre(R"(seraphim_candidate_requests_total{outcome="failed"} 8)",
                                   R"(seraphim_candidate_requests_total{outcome="good"} 12)"));
  EXPECT_THAT(series("seraphim_rollout_seconds_sum"),
              IsSupersetOf({R"(seraphim_rollout_seconds_sum{outcome="rolled_back"} 90)",
                            R"(seraphim_rollout_seconds_sum{outcome="promoted"} 0)"}));
}

TEST_F(MetricsTest, APromotionAndAWithdrawalEndARolloutToo) {
  auto object = in_rollout();
  api::Status after = object.status;
  after.candidate_revision.clear();
  after.stable_revision = "web-2";
  written(object, after, api::Time(1500s));
  after.stable_revision = "web-1";
  after.candidate_revision = "web-3";
  written(object, after, api::Time(1010s));
  EXPECT_THAT(series("seraphim_rollout_seconds_sum"),
              UnorderedElementsAre(R"(seraphim_rollout_seconds_sum{outcome="promoted"} 500)",
                                   R"(seraphim_rollout_seconds_sum{outcome="withdrawn"} 10)",
                                   R"(seraphim_rollout_seconds_sum{outcome="rolled_back"} 0)"));
  EXPECT_THAT(series("seraphim_detection_seconds_count"), ElementsAre("seraphim_detection_seconds_count 0"));
}

TEST_F(MetricsTest, TheFirstRevisionIsNoRollout) {
  auto object = in_rollout();
  object.status.stable_revision.clear();
  api::Status after = object.status;
  after.stable_revision = "web-2";
  after.candidate_revision.clear();
  written(object, after, api::Time(1500s));
  EXPECT_THAT(series(R"(seraphim_rollout_seconds_count{outcome="promoted"})"), ElementsAre(HasSubstr("} 0")));
}

TEST_F(MetricsTest, VerdictsAreCountedAndThoseTakenBackAreNot) {
  metrics_.rollouts().acted(rollout::MarkVerdict{"web-2", api::RevisionVerdict::failed, "x"});
  metrics_.rollouts().acted(rollout::MarkVerdict{"web-2", api::RevisionVerdict::none, ""});
  metrics_.rollouts().acted(rollout::Scale{"web-2", 3});
  EXPECT_THAT(series("seraphim_verdicts_total"),
              UnorderedElementsAre(R"(seraphim_verdicts_total{verdict="Failed"} 1)",
                                   R"(seraphim_verdicts_total{verdict="Healthy"} 0)",
                                   R"(seraphim_verdicts_total{verdict="Superseded"} 0)"));
}

TEST_F(MetricsTest, TheQueueAndTheWatchesAreRead) {
  queue_.add({"shop", "web"}, clock_.steady());
  queue_.add({"shop", "api"}, clock_.steady());
  ASSERT_TRUE(queue_.try_take(clock_.steady()));
  watches_ = {{.resource = "pods",
               .last_arrival = clock_.steady(),
               .stats = {.lists = 1, .watches = 3, .failures = 2, .events = 50}}};
  clock_.advance(2500ms);
  EXPECT_THAT(series("seraphim_operator_queue_depth"), ElementsAre("seraphim_operator_queue_depth 1"));
  EXPECT_THAT(series("seraphim_operator_longest_look"),
              ElementsAre("seraphim_operator_longest_look_seconds 2.5"));
  EXPECT_THAT(series("seraphim_operator_watches_total"),
              ElementsAre(R"(seraphim_operator_watches_total{resource="pods"} 3)"));
  EXPECT_THAT(series("seraphim_operator_watch_silence"),
              ElementsAre(R"(seraphim_operator_watch_silence_seconds{resource="pods"} 2.5)"));
}

TEST_F(MetricsTest, CallsAreCountedByTheirAnswerOrByWhyNoneCame) {
  const kubernetes::ResourceType pods{.version = "v1", .plural = "pods", .kind = "Pod"};
  metrics_.called({"patch", pods, 409, kubernetes::TransportError::none, 20ms});
  metrics_.called({"patch", pods, 0, kubernetes::TransportError::timeout, 15s});
  EXPECT_THAT(series("seraphim_operator_api_requests_total"),
              UnorderedElementsAre(HasSubstr(R"(code="409")"), HasSubstr(R"(code="timeout")")));
  EXPECT_THAT(series("seraphim_operator_api_request_seconds_count"),
              ElementsAre(R"(seraphim_operator_api_request_seconds_count{verb="patch"} 2)"));
}

/// Takes 300 ms for an answer.
class SlowTransport final : public kubernetes::Transport {
 public:
  explicit SlowTransport(kubernetes::testing::HandClock& clock) : clock_(clock) {}
  kubernetes::Response call(const kubernetes::Request&, std::chrono::milliseconds,
                            std::stop_token) noexcept override {
    clock_.advance(300ms);
    return kubernetes::testing::reply(503);
  }
  kubernetes::CallStatus stream(const kubernetes::Request&, std::chrono::seconds, std::stop_token,
                                kubernetes::LineSink&) noexcept override {
    return {};
  }

 private:
  kubernetes::testing::HandClock& clock_;
};

TEST_F(MetricsTest, QueriesToPrometheusAreTimed) {
  TimedTransport timed(std::make_unique<SlowTransport>(clock_), clock_,
                       [this](const auto& status, auto took) { metrics_.asked_prometheus(status, took); });
  EXPECT_EQ(timed.call({}, 1s, {}).status.http, 503);
  EXPECT_THAT(series("seraphim_operator_prometheus_requests_total"),
              ElementsAre(R"(seraphim_operator_prometheus_requests_total{code="503"} 1)"));
  EXPECT_THAT(series("seraphim_operator_prometheus_request_seconds_sum"),
              ElementsAre("seraphim_operator_prometheus_request_seconds_sum 0.3"));
}

}  // namespace
}  // namespace seraphim::op
