#include "cli/timeline_text.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/percent.h"
#include "api/time.h"

namespace seraphim::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kRow = "{:<12}  {:>4}  {:>6}  {:>14}  {:>14}  {:>13}  {:>13}  {}\n";

/// The time of day, always with milliseconds, so that columns stay in line.
std::string clock_text(api::Time time) {
  const auto of_day = time.time_since_epoch() % std::chrono::days(1);
  const auto ms = of_day.count();
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

std::string failed_text(std::int64_t failures, std::int64_t requests) {
  return fmt::format("{} of {}", failures, requests);
}

std::string look_row(const replay::Look& look) {
  const api::EvidenceStatus& evidence = look.evidence;
  return fmt::format(kRow, clock_text(look.at), look.step, api::format_percent(look.weight),
                     failed_text(evidence.candidate_failures, evidence.candidate_requests),
                     failed_text(evidence.baseline_failures, evidence.baseline_requests),
                     evidence.rollback_evidence, evidence.promotion_evidence, look.verdict);
}

const char* outcome_word(replay::Outcome outcome) {
  switch (outcome) {
    case replay::Outcome::promoted:
      return "Promoted";
    case replay::Outcome::rolled_back:
      return "RolledBack";
    case replay::Outcome::undecided:
      break;
  }
  return "Undecided";
}

ordered_json look_json(const replay::Look& look) {
  return {{"at", api::format_time(look.at)},
          {"step", look.step},
          {"weight", api::format_percent(look.weight)},
          {"phase", api::to_string(look.phase)},
          {"candidateFailures", look.evidence.candidate_failures},
          {"candidateRequests", look.evidence.candidate_requests},
          {"stableFailures", look.evidence.baseline_failures},
          {"stableRequests", look.evidence.baseline_requests},
          {"rollbackEvidence", look.evidence.rollback_evidence},
          {"promotionEvidence", look.evidence.promotion_evidence},
          {"verdict", look.verdict}};
}

}  // namespace

std::string end_text(const replay::Timeline& timeline) {
  switch (timeline.outcome) {
    case replay::Outcome::promoted:
      return timeline.candidate + " would be promoted";
    case replay::Outcome::rolled_back:
      return timeline.candidate + " would be rolled back: " + timeline.reason + ": " + timeline.message;
    case replay::Outcome::undecided:
      break;
  }
  return timeline.candidate + " is undecided at the end: " + timeline.reason + ": " + timeline.message;
}

std::string to_table(const replay::Timeline& timeline) {
  std::string text = fmt::format("{} beside {}, {} to {}\n\n", timeline.candidate, timeline.stable,
                                 api::format_time(timeline.from), api::format_time(timeline.to));
  text +=
      fmt::format(kRow, "time", "step", "weight", "candidate", "stable", "rollback", "promotion", "verdict");
  auto told = timeline.story.begin();
  const auto tell_until = [&](api::Time until) {
    for (; told != timeline.story.end() && told->at < until; ++told) {
      text += fmt::format("{:<12}  {}: {}\n", clock_text(told->at), told->narrative.reason,
                          told->narrative.message);
    }
  };
  for (const auto& look : timeline.looks) {
    tell_until(look.at);
    text += look_row(look);
  }
  tell_until(api::Time::max());
  return text + "\n" + end_text(timeline) + "\n";
}

std::string to_json(const replay::Timeline& timeline) {
  ordered_json all = {{"stable", timeline.stable},
                      {"candidate", timeline.candidate},
                      {"from", api::format_time(timeline.from)},
                      {"to", api::format_time(timeline.to)},
                      {"outcome", outcome_word(timeline.outcome)},
                      {"reason", timeline.reason},
                      {"message", timeline.message}};
  all["looks"] = ordered_json::array();
  for (const auto& look : timeline.looks) all["looks"].push_back(look_json(look));
  all["weights"] = ordered_json::array();
  for (const auto& set : timeline.weights)
    all["weights"].push_back({{"at", api::format_time(set.at)}, {"weight", api::format_percent(set.weight)}});
  all["story"] = ordered_json::array();
  for (const auto& told : timeline.story) {
    all["story"].push_back({{"at", api::format_time(told.at)},
                            {"reason", told.narrative.reason},
                            {"message", told.narrative.message}});
  }
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace seraphim::cli
