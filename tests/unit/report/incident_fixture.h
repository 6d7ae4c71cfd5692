// A rollback as it happens: revision 3 beside revision 2, rolled back at the second of three steps.
#pragma once

#include <string>

#include "report/incident.h"

namespace seraphim::report::testing {

inline api::Time at(int seconds) {
  return api::parse_time("2026-11-28T10:00:00Z").value() + std::chrono::seconds(seconds);
}

inline api::Revision revision(std::int64_t number, const std::string& name, const std::string& version,
                              api::RevisionVerdict verdict) {
  api::PodsWorkload pods;
  pods.replicas = 2;
  pods.pod_template.text = R"({"spec":{"containers":[{"env":[{"name":"MODEL_VERSION","value":")" + version +
                           R"("},{"name":"API_TOKEN","value":"hush-)" + version +
                           R"("}],"image":"example.com/model:)" + version + R"(","name":"model"}]}})";
  return {.name = name, .number = number, .workload = pods, .verdict = verdict, .verdict_reason = ""};
}

inline Incident incident() {
  Incident incident;
  incident.namespace_ = "shop";
  incident.name = "web";
  incident.rollback.from_revision = "web-cccccccccc";
  incident.rollback.to_revision = "web-bbbbbbbbbb";
  incident.rollback.reason = "ErrorRateWorseThanStable";
  incident.rollback.message =
      "candidate 25 of 123 requests failed (20.3 %), stable 1 of 900 (0.1 %); evidence 140:1, 100:1 needed";
  incident.rollback.at = at(52);
  incident.revisions = {revision(1, "web-aaaaaaaaaa", "v1", api::RevisionVerdict::healthy),
                        revision(2, "web-bbbbbbbbbb", "v2", api::RevisionVerdict::healthy),
                        revision(3, "web-cccccccccc", "v3", api::RevisionVerdict::failed)};
  incident.analysis.emplace();
  incident.analysis->prometheus.address = "http://prometheus:9090";
  api::EvidenceStatus evidence;
  evidence.candidate_failures = 25;
  evidence.candidate_requests = 123;
  evidence.baseline_failures = 1;
  evidence.baseline_requests = 900;
  evidence.rollback_evidence = "140 of 100";
  evidence.promotion_evidence = "0.2 of 20";
  evidence.last_look = at(51);
  incident.evidence = evidence;
  incident.told = {
      {at(0), "CandidateStarted", "web-cccccccccc comes up without traffic beside web-bbbbbbbbbb"},
      {at(10), "WeightRaised", "the weight of web-cccccccccc went from 0% to 10% for step 1 of 3"},
      {at(40), "WeightRaised", "the weight of web-cccccccccc went from 10% to 25% for step 2 of 3"},
      {at(52), "RolledBack",
       "rolled back web-cccccccccc to web-bbbbbbbbbb from 25% at step 2 of 3: " + incident.rollback.reason +
           ": " + incident.rollback.message}};
  ErrorRates rates;
  rates.window = std::chrono::seconds(15);
  for (int second = 10; second <= 52; second += 2) {
    rates.serving.push_back({at(second), 0.001});
    rates.failed.push_back({at(second), second < 42 ? 0.1 : 0.3125});
  }
  incident.rates = rates;
  incident.written_at = at(54);
  return incident;
}

}  // namespace seraphim::report::testing
