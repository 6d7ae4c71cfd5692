// Internal to report/: the parts of a post-mortem, in Markdown.
#pragma once

#include <string>

#include "report/incident.h"

namespace seraphim::report {

/// Below the heading Situation Assessment.
std::string situation(const Incident& incident, const Course& course);
std::string timeline(const Incident& incident, const Course& course);
std::string rates_text(const Incident& incident, const Course& course);
std::string changes(const Incident& incident);

/// The other five sections, with their headings.
std::string prerequisites(const Incident& incident);
std::string procedures(const Incident& incident, const Course& course);
std::string verification(const Incident& incident);
std::string recovery(const Incident& incident);
std::string post_action(const Incident& incident);

/// What the verification came to, in Markdown.
std::string verification_result(const std::optional<api::VerificationStatus>& verification);
/// A whole line before and after it, by which it is found again.
inline constexpr const char* kResultBegins = "<!-- result of the verification -->\n";
inline constexpr const char* kResultEnds = "<!-- end of the result -->\n";

Chart incident_chart(const Incident& incident, const Course& course);

/// "2026-11-28T10:15:12Z": without milliseconds.
std::string second(api::Time at);

}  // namespace seraphim::report
