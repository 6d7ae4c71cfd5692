#include "report/incident.h"

#include <algorithm>
#include <string_view>

#include "api/rollback.h"

namespace seraphim::report {
namespace {

constexpr api::Duration kUnknownStart = std::chrono::minutes(10), kAfter = std::chrono::seconds(15),
                        kStillAboutIt = std::chrono::minutes(1);

bool is_about(const Told& told, const std::string& revision) {
  return told.note.starts_with(revision + " ");
}

/// The time at which the revision that failed was chosen for the last time before it did.
std::optional<api::Time> chosen_at(const Incident& incident) {
  std::optional<api::Time> at;
  for (const Told& told : incident.told) {
    const bool chosen = told.reason == "CandidateStarted" || told.reason == "FirstRevisionStarted";
    if (!chosen || told.at > incident.rollback.at || !is_about(told, incident.rollback.from_revision))
      continue;
    if (!at || told.at > *at) at = told.at;
  }
  return at;
}

std::vector<Told> story_since(const Incident& incident, const std::optional<api::Time>& begin) {
  std::vector<Told> story;
  for (const Told& told : incident.told) {
    if ((begin && told.at < *begin) || told.at > incident.rollback.at + kStillAboutIt) continue;
    const auto same = std::find_if(story.begin(), story.end(), [&](const Told& known) {
      return known.reason == told.reason && known.note == told.note;
    });
    if (same == story.end()) {
      story.push_back(told);
    } else {
      same->at = std::min(same->at, told.at);
      same->count = std::max(same->count, told.count);
    }
  }
  std::stable_sort(story.begin(), story.end(),
                   [](const Told& left, const Told& right) { return left.at < right.at; });
  return story;
}

/// What share the revision had from then on, when the line is about that.
std::optional<double> weight_told(const Told& told, const std::string& revision) {
  if (told.reason == "RolledBack" || told.reason == "FirstRevisionFailed") return 0;
  if (told.reason == "Promoted" && is_about(told, revision)) return 1;
  if (!told.reason.starts_with("Weight")) return std::nullopt;
  // "the weight of A went from 5% to 25% for step 2 of 3"
  const std::string begin = "the weight of " + revision + " went from ";
  const auto to = told.note.find(" to ", begin.size());
  if (!told.note.starts_with(begin) || to == std::string::npos) return std::nullopt;
  const std::string_view word = std::string_view(told.note).substr(to + 4);
  const auto percent = api::parse_percent(word.substr(0, word.find(' ')));
  if (!percent) return std::nullopt;
  return percent->fraction();
}

std::vector<Dot> weights_of(const std::vector<Told>& story, const std::string& revision) {
  std::vector<Dot> weights;
  for (const Told& told : story) {
    if (const auto weight = weight_told(told, revision)) weights.push_back({told.at, *weight});
  }
  return weights;
}

/// From "rolled back A to B from 25% at step 2 of 3: Reason: message".
std::string where_it_stood(const std::vector<Told>& story, const api::RollbackStatus& rollback) {
  const std::string begin =
      "rolled back " + rollback.from_revision + " to " + rollback.to_revision + " from ";
  const std::string end = ": " + rollback.reason + ": ";
  for (auto told = story.rbegin(); told != story.rend(); ++told) {
    if (told->reason != "RolledBack" || !told->note.starts_with(begin)) continue;
    const auto stop = told->note.find(end, begin.size());
    if (stop != std::string::npos) return told->note.substr(begin.size(), stop - begin.size());
  }
  return {};
}

}  // namespace

Course course_of(const Incident& incident) {
  Course course;
  course.chosen_at = chosen_at(incident);
  course.story = story_since(incident, course.chosen_at);
  course.weights = weights_of(course.story, incident.rollback.from_revision);
  course.stood = where_it_stood(course.story, incident.rollback);
  return course;
}

Span span_of(const Incident& incident, const Course& course) {
  const api::Time end =
      std::max(incident.rollback.at, std::min(incident.written_at, incident.rollback.at + kAfter));
  api::Time begin = end - kUnknownStart;
  if (course.chosen_at) {
    begin = *course.chosen_at;
  } else if (!course.story.empty()) {
    begin = course.story.front().at;
  }
  return {std::min(begin, end - std::chrono::seconds(1)), end};
}

bool is_by_hand(const Incident& incident) {
  return api::is_by_hand(incident.rollback);
}

const api::Revision* recorded(const Incident& incident, const std::string& name) {
  const auto found = std::find_if(incident.revisions.begin(), incident.revisions.end(),
                                  [&](const auto& revision) { return revision.name == name; });
  return found == incident.revisions.end() ? nullptr : &*found;
}

std::string number_words(const Incident& incident, const std::string& name) {
  const auto* revision = recorded(incident, name);
  return revision == nullptr ? name : "revision " + std::to_string(revision->number);
}

}  // namespace seraphim::report
