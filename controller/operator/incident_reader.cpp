#include "operator/incident_reader.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/assessment.h"
#include "analysis/promql.h"
#include "api/rollback.h"
#include "kubernetes/event_codec.h"
#include "kubernetes/json_read.h"
#include "operator/observer.h"
#include "prometheus/client.h"

namespace seraphim::op {
namespace {

using kubernetes::member;
using kubernetes::text_or;
using report::Incident;
using Json = nlohmann::json;

constexpr int kMostEvents = 500;
constexpr std::chrono::seconds kLongestRateQuestion{5};
constexpr int kMostPoints = 240;  // of a curve
constexpr api::Duration kStillAboutIt = std::chrono::minutes(1);

/// A candidate that came later has evidence of its own.
bool evidence_is_about_it(const api::Status& status) {
  const auto& rollback = *status.last_rollback;
  if (rollback.reason == api::kReverted) return false;  // it is about the one that took over
  const std::string& candidate = status.candidate_revision;
  if (!candidate.empty() && candidate != rollback.from_revision) return false;
  const auto& last = status.evidence.last_look;
  return !last || *last <= rollback.at + kStillAboutIt;
}

std::optional<report::Told> decode_told(const Json& event) {
  const auto at = api::parse_time(text_or(event, "eventTime"));
  if (!at) return std::nullopt;
  return report::Told{.at = *at,
                      .reason = text_or(event, "reason"),
                      .note = text_or(event, "note"),
                      .count = static_cast<std::int64_t>(kubernetes::decode_series(event).count)};
}

/// Whose rate a series is.
class Owners {
 public:
  Owners(const Incident& incident, const report::Course& course)
      : by_variant_(incident.analysis->prometheus.preset == api::SeriesPreset::variant_label),
        rollback_(incident.rollback) {
    for (const auto& told : course.story) {
      if (told.reason == "Promoted") promoted_at_ = told.at;
    }
  }
  const char* label() const { return by_variant_ ? "variant" : "revision"; }
  /// The gateway calls a revision that was promoted its baseline from then on.
  bool is_of_the_failed(const std::string& value, api::Time at) const {
    if (!by_variant_) return value == rollback_.from_revision;
    return value == "candidate" || (promoted_at_ && at > *promoted_at_);
  }

 private:
  bool by_variant_;
  const api::RollbackStatus& rollback_;
  std::optional<api::Time> promoted_at_;
};

struct Rate {
  double all = 0, bad = 0;
};
using Rates = std::map<api::Time, Rate>;

std::vector<report::Dot> shares(const Rates& rates) {
  std::vector<report::Dot> dots;
  for (const auto& [at, rate] : rates) {
    if (rate.all > 0) dots.push_back({at, rate.bad / rate.all});
  }
  return dots;
}

report::ErrorRates rates_of(const prometheus::Matrix& matrix, const Owners& owners) {
  Rates failed, serving;
  for (const auto& series : matrix.series) {
    const auto value = series.labels.find(owners.label()), outcome = series.labels.find("outcome");
    if (value == series.labels.end()) continue;
    const bool good = outcome != series.labels.end() && outcome->second == "success";
    for (const auto& point : series.points) {
      Rate& rate = (owners.is_of_the_failed(value->second, point.at) ? failed : serving)[point.at];
      rate.all += point.value;
      if (!good) rate.bad += point.value;
    }
  }
  return {.failed = shares(failed), .serving = shares(serving)};
}

analysis::Selection selection_of(const Incident& incident, api::Duration window) {
  const auto& source = incident.analysis->prometheus;
  analysis::Selection selection{.preset = source.preset,
                                .match_labels = source.match_labels,
                                .namespaces = {incident.namespace_},
                                .revisions = {incident.rollback.from_revision},
                                .window = window};
  if (!incident.rollback.to_revision.empty()) selection.revisions.insert(incident.rollback.to_revision);
  return selection;
}

std::string bare(std::string address) {
  while (!address.empty() && address.back() == '/') address.pop_back();
  return address;
}

}  // namespace

kubernetes::Result<Incident> IncidentReader::read(const api::SeraphimDeployment& object,
                                                  const std::string& wanted,
                                                  std::vector<report::Told> remembered,
                                                  const std::stop_token& stop) const {
  Incident incident{.namespace_ = object.namespace_,
                    .name = object.name,
                    .rollback = *object.status.last_rollback,
                    .revisions = recorded_revisions(view_.revisions, object),
                    .analysis = object.spec.analysis,
                    .wanted = wanted == object.status.last_rollback->from_revision,
                    .told = std::move(remembered),
                    .written_at = clock_.wall()};
  if (incident.analysis && evidence_is_about_it(object.status)) incident.evidence = object.status.evidence;
  if (auto added = add_events(object, incident, stop); !added) return tl::unexpected(added.error());
  if (incident.analysis) {
    add_rates(incident, stop);
  } else {
    incident.rates_problem = "spec.analysis is missing, so there is no Prometheus to ask.";
  }
  return incident;
}

kubernetes::Result<void> IncidentReader::add_events(const api::SeraphimDeployment& object, Incident& incident,
                                                    const std::stop_token& stop) const {
  const std::string about = "regarding.kind=" + std::string(api::kKind) + ",regarding.name=" + object.name;
  const auto list =
      client_.list_by_fields(kubernetes::event_type(), object.namespace_, about, kMostEvents, stop);
  if (!list) {
    using Kind = kubernetes::ApiError::Kind;
    if (list.error().kind != Kind::forbidden && list.error().kind != Kind::invalid)
      return tl::unexpected(list.error());
    incident.told_problem =
        "Only what the operator itself remembers: the Events could not be read: " + list.error().message;
    return {};
  }
  for (const Json& event : kubernetes::elements(*list, "items")) {
    if (text_or(member(event, "regarding"), "uid") != object.uid) continue;
    if (auto told = decode_told(event)) incident.told.push_back(*std::move(told));
  }
  if (!text_or(member(*list, "metadata"), "continue").empty())
    incident.told_problem =
        "There are more Events than the " + std::to_string(kMostEvents) + " that were read.";
  return {};
}

void IncidentReader::add_rates(Incident& incident, const std::stop_token& stop) const {
  const report::Course course = course_of(incident);
  const report::Span span = span_of(incident, course);
  const api::Duration step =
      std::max<api::Duration>(std::chrono::seconds(1), (span.to - span.from) / kMostPoints);
  const api::Duration window = std::max(analysis::stale_after(*incident.analysis), step);
  const Owners owners(incident, course);
  const auto range = analysis::range_query(selection_of(incident, window));
  if (!range) {
    incident.rates_problem = range.error();
    return;
  }
  const std::string query = "sum by (" + std::string(owners.label()) + ",outcome) (rate(" + *range + "))";
  const std::string address = bare(incident.analysis->prometheus.address);
  const auto transport = transport_for_ ? transport_for_(address) : nullptr;
  if (!transport) {
    incident.rates_problem = "there is no way to Prometheus at " + address;
    return;
  }
  const auto answer = prometheus::Client(*transport, address)
                          .query_range(query, span.from, span.to, step, kLongestRateQuestion, stop);
  const auto* matrix = answer ? std::get_if<prometheus::Matrix>(&answer->data) : nullptr;
  if (matrix == nullptr) {
    incident.rates_problem =
        answer ? "the answer of Prometheus is no window of samples" : answer.error().message;
    return;
  }
  incident.rates = rates_of(*matrix, owners);
  incident.rates->window = window;
}

}  // namespace seraphim::op
