#include "report/post_mortem.h"

#include <algorithm>

#include "report/markdown.h"
#include "report/post_mortem_parts.h"
#include "report/short_text.h"

namespace seraphim::report {
namespace {

constexpr std::size_t kLongestMarkdown = 220 * 1024;

std::string title(const Incident& incident) {
  const auto& rollback = incident.rollback;
  const std::string object = incident.namespace_ + "/" + incident.name;
  std::string text = "# Post-mortem: " + plain(object) + ", " +
                     plain(number_words(incident, rollback.from_revision)) + " was rolled back";
  if (!rollback.to_revision.empty()) text += " to " + plain(number_words(incident, rollback.to_revision));
  return text + "\n\n";
}

/// The last resort: no part is that long by itself.
std::string bounded(std::string markdown) {
  if (markdown.size() <= kLongestMarkdown) return markdown;
  return shortened(markdown, kLongestMarkdown) + "\n\nThe rest is left out: the document is too long.\n";
}

/// A part between two whole lines; nothing when they are not both there.
std::optional<std::string> with_part(const std::string& markdown, const std::string& part) {
  const std::string begin = std::string("\n") + kResultBegins, end = std::string("\n") + kResultEnds;
  const auto from = markdown.find(begin);
  if (from == std::string::npos) return std::nullopt;
  const auto to = markdown.find(end, from + begin.size() - 1);
  if (to == std::string::npos) return std::nullopt;
  return markdown.substr(0, from + begin.size()) + part + markdown.substr(to + 1);
}

}  // namespace

PostMortem write_post_mortem(const Incident& incident) {
  const Course course = course_of(incident);
  return {bounded(title(incident) + situation(incident, course) + timeline(incident, course) +
                  rates_text(incident, course) + changes(incident) + prerequisites(incident) +
                  procedures(incident, course) + verification(incident) + recovery(incident) +
                  post_action(incident)),
          to_svg(incident_chart(incident, course))};
}

std::string with_verification(const std::string& markdown,
                              const std::optional<api::VerificationStatus>& verification) {
  const std::string result = verification_result(verification);
  if (auto changed = with_part(markdown, result)) return bounded(*std::move(changed));
  const std::string gap = markdown.empty() || markdown.back() == '\n' ? "\n" : "\n\n";
  return bounded(markdown + gap + kResultBegins + result + kResultEnds);
}

std::string document_name(const api::RollbackStatus& rollback) {
  std::string time;
  for (const char c : second(rollback.at)) {
    if (c >= '0' && c <= '9') time += c;
    if (c == 'T') time += '-';
  }
  std::string name = rollback.from_revision + "-rollback-" + time;
  // A status that somebody wrote by hand may say anything; an object's name may not.
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.'; }, '-');
  while (!name.empty() && (name.front() == '-' || name.front() == '.')) name.erase(0, 1);
  constexpr std::size_t kLongestName = 253;
  return name.size() <= kLongestName ? name : name.substr(name.size() - kLongestName);
}

}  // namespace seraphim::report
