// The platform's gateway behind a route, a TorchServe, a Prometheus and an API server in memory, and an
// operator that may die at any write.
#pragma once

#include <spdlog/logger.h>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "kubernetes/hand_clock.h"
#include "operator/memory_server.h"
#include "operator/reconciler.h"
#include "operator/stored_cluster.h"
#include "workload/fake_torch_serve.h"

namespace seraphim::op::testing {

/// Every pod of the gateway always agrees.
class AllAgree final : public traffic::GatewayReadings {
 public:
  std::string unsettled(const kubernetes::ObjectKey&, const traffic::GatewayQuestion&) override { return {}; }
  void forget(const kubernetes::ObjectKey&) override {}
};

/// One process of the operator: everything it remembers, and informers that know what the server has.
struct RoutedProcess : StoredCluster {
  RoutedProcess(kubernetes::testing::FakeTransport& transport, const kubernetes::Clock& clock,
                prometheus::MetricsSource& source, workload::testing::FakeTorchServe& torch_serve);
  void learn(const std::map<std::string, json>& objects);

  kubernetes::ApiClient client;
  MetricsCollector collector;
  workload::TorchServes torch_serves;
  kubernetes::EventRecorder events{{}};
  AllAgree readings;
  spdlog::logger log{"test"};  // without a sink
  Reconciler reconciler;

 private:
  ClusterView seen();
};

/// SeraphimDeployment shop/web, with steps of 20 % and 60 % and a bake.
class RoutedWorld {
 public:
  RoutedWorld();

  /// spec.analysis.metrics has a drift from now on, of queries that give the share of each label: 0/0 for a
  /// version that got no request in the last five seconds.
  void watch_drift();
  void deploy(const std::string& version, const std::string& url);
  /// Five seconds: requests, scrapes, looks, writes.
  void tick();
  /// Until nothing is on its way; false when that takes more than an hour.
  bool settle();
  /// The operator dies right before its write of this number from now on.
  void die_at(int write) { deaths_in_ = write; }
  bool has_died() const { return died_; }

  api::Status status() const;
  std::string variable(const std::string& name) const;
  int weight() const;  ///< of the candidate, by the route
  std::string conditions() const;
  /// What a slot's requests find: baseline or candidate.
  std::string served(const std::string& variant) const { return serving_.at(variant); }

  std::string broken;                   ///< this version fails every request
  bool applies_filters = true;          ///< the router does
  std::map<std::string, int> failures;  ///< what was broken when it was asked, by version
  std::vector<std::string> violations;  ///< of the rules for slots and weights
  std::vector<std::string>
      writes;  ///< to the gateway ("2.0/1.0" as baseline/candidate) and to the route ("20")
  kubernetes::testing::HandClock clock;
  workload::testing::FakeTorchServe torch_serve;

 private:
  using Points = json;
  std::optional<kubernetes::Response> on_request(const kubernetes::Request& request);
  void note(const std::string& path);
  void roll_out_gateway();
  void send_requests();
  void check();
  std::string answer_query(const std::string& question) const;
  std::string answer_shares(const std::string& question) const;

  kubernetes::testing::FakeTransport transport_;
  MemoryServer server_{transport_};
  std::shared_ptr<kubernetes::testing::FakeTransport> prometheus_ =
      std::make_shared<kubernetes::testing::FakeTransport>();
  prometheus::MetricsSource source_{[this](const std::string&) { return prometheus_; }};
  std::unique_ptr<RoutedProcess> process_;
  std::map<std::string, std::string> serving_;                     ///< versions of the pods, by variant
  std::set<std::string> with_requests_;                            ///< versions, in the last five seconds
  std::map<std::pair<std::string, std::string>, double> counted_;  ///< by variant and outcome
  std::map<std::pair<std::string, std::string>, Points> scrapes_;
  std::string last_written_;
  int deaths_in_ = -1;
  bool dying_ = false, died_ = false;
};

}  // namespace seraphim::op::testing
