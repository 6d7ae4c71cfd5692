// What happened: in sentences, as a timeline, in rates, and as what the revision changed.
#include <algorithm>

#include "analysis/evidence_text.h"
#include "report/markdown.h"
#include "report/post_mortem_parts.h"
#include "report/secrets.h"
#include "report/short_text.h"
#include "report/workload_diff.h"

namespace seraphim::report {
namespace {

constexpr std::size_t kFirstLines = 30, kLastLines = 70, kMostDiffLines = 200, kMostMetrics = 20;
constexpr std::size_t kLongestWord = 64, kLongestRemark = 160, kLongestNote = 400;

std::string named(const Incident& incident, const std::string& name) {
  const auto* revision = recorded(incident, name);
  if (revision == nullptr) return "the revision " + code(name);
  return "revision " + std::to_string(revision->number) + " (" + code(name) + ")";
}

std::string sentence_case(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

std::string share_text(double share) {
  return api::format_percent(
      api::Percent::from_basis_points(static_cast<std::int32_t>(std::clamp(share, 0.0, 1.0) * 10'000 + 0.5)));
}

double highest_weight(const Course& course) {
  double highest = 0;
  for (const Dot& dot : course.weights) highest = std::max(highest, dot.value);
  return highest;
}

std::string how_it_began(const Incident& incident, const Course& course) {
  const auto& rollback = incident.rollback;
  const std::string failed = named(incident, rollback.from_revision);
  const std::string beside =
      rollback.to_revision.empty() ? "" : " beside " + named(incident, rollback.to_revision);
  std::string text =
      course.chosen_at
          ? sentence_case(failed) + " was chosen at " + second(*course.chosen_at) + beside
          : sentence_case(failed) + " came up" + beside + ", at a time that no Event tells any more";
  const double highest = highest_weight(course);
  if (highest > 0) return text + " and got " + share_text(highest) + " of the traffic at most. ";
  return text + (course.chosen_at ? " and got no traffic. " : "; what share it had is not known. ");
}

std::string how_it_ended(const Incident& incident, const Course& course) {
  const auto& rollback = incident.rollback;
  std::string text = rollback.to_revision.empty()
                         ? "It failed at " + second(rollback.at) + " and nothing else could serve"
                         : "It was rolled back at " + second(rollback.at);
  if (course.chosen_at)
    text += ", " +
            api::format_duration(std::chrono::floor<std::chrono::seconds>(rollback.at - *course.chosen_at)) +
            " later";
  if (!course.stood.empty()) text += ", from " + plain(course.stood);
  return text + ": " + code(rollback.reason) + ", " +
         plain(without_secrets(shortened(rollback.message, kLongestNote))) + ". ";
}

std::string failed_of(std::int64_t failures, std::int64_t requests) {
  return analysis::failures_text(static_cast<double>(failures), static_cast<double>(requests));
}

std::string what_it_answered(const Incident& incident) {
  if (!incident.analysis) return "Nothing was measured: the spec has no `analysis`.\n\n";
  if (!incident.evidence)
    return "How many requests it answered is not known any more: the status speaks of a later candidate.\n\n";
  const auto& evidence = *incident.evidence;
  if (!evidence.last_look) return "No request was counted: the metrics were never seen.\n\n";
  return "By the last look at " + second(*evidence.last_look) + ", " +
         failed_of(evidence.candidate_failures, evidence.candidate_requests) +
         " with it; with the revision beside it, " +
         failed_of(evidence.baseline_failures, evidence.baseline_requests) + ".\n\n";
}

std::vector<std::string> evidence_row(const std::string& metric, const std::string& failed,
                                      const std::string& beside, const std::string& back,
                                      const std::string& on) {
  return {plain(metric), plain(failed), plain(beside), plain(back), plain(on)};
}

std::string of(std::int64_t failures, std::int64_t requests) {
  return std::to_string(failures) + " of " + std::to_string(requests);
}

std::string evidence_table(const Incident& incident) {
  if (!incident.evidence || !incident.evidence->last_look) return {};
  const auto& evidence = *incident.evidence;
  std::string text = "Bad requests served, and the evidence (odds, of those needed):\n\n" +
                     head({"metric", "failed revision", "revision beside it", "to roll back", "to promote"});
  text += row(evidence_row("errorRate", of(evidence.candidate_failures, evidence.candidate_requests),
                           of(evidence.baseline_failures, evidence.baseline_requests),
                           evidence.rollback_evidence, evidence.promotion_evidence));
  for (std::size_t i = 0; i < std::min(evidence.metrics.size(), kMostMetrics); ++i) {
    const auto& metric = evidence.metrics[i];
    const std::string name = shortened(metric.name, kLongestWord);
    const bool counts = !metric.rollback_evidence.empty();
    text += row(
        evidence_row(metric.note.empty() ? name : name + " (" + shortened(metric.note, kLongestRemark) + ")",
                     counts ? of(metric.candidate_failures, metric.candidate_requests) : "",
                     counts ? of(metric.baseline_failures, metric.baseline_requests) : "",
                     shortened(metric.rollback_evidence, kLongestWord),
                     shortened(metric.promotion_evidence, kLongestWord)));
  }
  if (evidence.metrics.size() > kMostMetrics)
    text += "\n" + std::to_string(evidence.metrics.size() - kMostMetrics) + " more metrics are left out.\n";
  return text + "\n";
}

std::string since(const Course& course, api::Time at) {
  if (!course.chosen_at) return "";
  return "+" + api::format_duration(std::chrono::floor<std::chrono::seconds>(at - *course.chosen_at));
}

std::string line_of(const Course& course, const Told& told) {
  const std::string often = told.count > 1 ? " (" + std::to_string(told.count) + " times)" : "";
  return row({second(told.at), since(course, told.at), plain(shortened(told.reason, kLongestWord)),
              plain(without_secrets(shortened(told.note, kLongestNote))) + often});
}

std::string highest_of(const std::vector<Dot>& dots) {
  const auto highest = std::max_element(
      dots.begin(), dots.end(), [](const Dot& left, const Dot& right) { return left.value < right.value; });
  if (highest == dots.end()) return "had no requests that Prometheus knows of";
  return "had " + share_text(highest->value) + " at most, at " + second(highest->at);
}

}  // namespace

std::string second(api::Time at) {
  return api::format_time(std::chrono::floor<std::chrono::seconds>(at));
}

std::string situation(const Incident& incident, const Course& course) {
  return "## Situation Assessment\n" + how_it_began(incident, course) + how_it_ended(incident, course) +
         what_it_answered(incident) + evidence_table(incident);
}

std::string timeline(const Incident& incident, const Course& course) {
  std::string text = "### Timeline\n";
  if (!incident.told_problem.empty()) text += plain(shortened(incident.told_problem, kLongestNote)) + "\n\n";
  if (course.story.empty()) return text + "No decision of the operator is known any more.\n\n";
  if (!course.chosen_at)
    text += "It may be incomplete: the API server keeps Events for an hour unless told otherwise.\n\n";
  text += head({"time", "since it was chosen", "decision", "with its numbers"});
  const auto& story = course.story;
  const bool long_story = story.size() > kFirstLines + kLastLines;
  for (std::size_t i = 0; i < story.size(); ++i) {
    if (long_story && i == kFirstLines) {
      i = story.size() - kLastLines;
      text += row({"...", "", "", std::to_string(i - kFirstLines) + " decisions are left out here"});
    }
    text += line_of(course, story[i]);
  }
  return text + "\n";
}

std::string rates_text(const Incident& incident, const Course& course) {
  std::string text = "### Error rates and weight\n";
  const bool drawn = incident.rates || !course.weights.empty();
  if (drawn) text += "![Error rates of both revisions, and the weight of the one that failed](chart.svg)\n\n";
  if (!incident.rates)
    return text + "There are no rates over time: " + plain(shortened(incident.rates_problem, kLongestNote)) +
           "\n\n";
  return text + "By Prometheus, as rates over " + api::format_duration(incident.rates->window) + ": " +
         plain(number_words(incident, incident.rollback.from_revision)) + " " +
         highest_of(incident.rates->failed) + "; " +
         (incident.rollback.to_revision.empty()
              ? "no other one served"
              : plain(number_words(incident, incident.rollback.to_revision)) + " " +
                    highest_of(incident.rates->serving)) +
         ". The first points of a revision rest on few requests.\n\n";
}

std::string changes(const Incident& incident) {
  const auto& rollback = incident.rollback;
  std::string text = "### What the revision changed\n";
  if (rollback.to_revision.empty())
    return text + "It was the first one: there is nothing to compare it with.\n\n";
  const auto* before = recorded(incident, rollback.to_revision);
  const auto* after = recorded(incident, rollback.from_revision);
  if (before == nullptr || after == nullptr) {
    return text + "The record of " + code(before == nullptr ? rollback.to_revision : rollback.from_revision) +
           " is gone, so the two cannot be compared.\n\n";
  }
  const auto lines = workload_diff(before->workload, after->workload, kMostDiffLines);
  if (lines.empty()) return text + "Nothing in `spec.workload` differs.\n\n";
  std::string diff = "--- " + number_words(incident, rollback.to_revision) + " (" + before->name + ")\n+++ " +
                     number_words(incident, rollback.from_revision) + " (" + after->name + ")\n";
  for (const auto& line : lines) diff += line + "\n";
  return text +
         "`spec.workload`, from the revisions' records. Values that look like secrets are hidden; no Secret "
         "was read.\n\n" +
         block(diff, "diff") + "\n";
}

}  // namespace seraphim::report
