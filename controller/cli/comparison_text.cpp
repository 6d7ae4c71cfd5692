#include "cli/comparison_text.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/status_text.h"
#include "cli/surroundings.h"
#include "cli/text_table.h"
#include "rollout/pass_record.h"

namespace seraphim::cli {
namespace {

using nlohmann::ordered_json;

std::optional<double> p95_of(const Compared& compared, const std::string& revision) {
  const auto found = compared.p95.find(revision);
  return found == compared.p95.end() ? std::nullopt : std::optional(found->second);
}

std::string latency_text(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.0f} ms", 1000 * *seconds) : "none";
}

ordered_json side_json(const Compared& compared, const SideFigures& side, const std::string& revision) {
  ordered_json value = {{"revision", revision},
                        {"requests", side.requests()},
                        {"errors", side.failures()},
                        {"requestsPerSecond", compared.figures.per_second(side.requests())}};
  value["errorRatio"] = side.error_ratio() ? ordered_json(*side.error_ratio()) : ordered_json();
  const auto p95 = p95_of(compared, revision);
  value["p95Seconds"] = p95 ? ordered_json(*p95) : ordered_json();
  value["byOutcome"] = side.by_outcome;
  return value;
}

}  // namespace

int exit_code_of(const Compared& compared) {
  if (std::holds_alternative<analysis::RollBack>(compared.assessment.verdict)) return kBad;
  if (std::holds_alternative<analysis::Unavailable>(compared.assessment.verdict)) return kUnusable;
  return compared.assessment.suspicious ? kBad : kGood;
}

std::string verdict_text(const analysis::Assessment& assessment) {
  const analysis::Verdict& verdict = assessment.verdict;
  if (const auto* back = std::get_if<analysis::RollBack>(&verdict))
    return "worse: " + back->reason + ": " + back->message;
  if (const auto* nothing = std::get_if<analysis::Unavailable>(&verdict))
    return "cannot be judged: " + nothing->reason + ": " + nothing->message;
  if (assessment.suspicious)
    return "suspicious: it gets no more traffic as long as the evidence is against it";
  if (std::holds_alternative<analysis::Promote>(verdict)) return "good enough to be promoted";
  return "not worse so far; there is not enough evidence to promote it yet";
}

std::string compared_text(const Compared& compared, const api::SeraphimDeployment& object) {
  const SideFigures& stable = compared.figures.baseline;
  const SideFigures& candidate = compared.figures.candidate;
  const auto row = [&](const char* what, const auto& text) {
    return std::vector<std::string>{what, text(stable, compared.baseline),
                                    text(candidate, compared.candidate)};
  };
  const std::vector<std::vector<std::string>> rows{
      {"", "STABLE", "CANDIDATE"},
      {"revision", compared.baseline, compared.candidate},
      row("requests", [](const auto& side, const auto&) { return fmt::format("{:.0f}", side.requests()); }),
      row("errors", [](const auto& side, const auto&) { return fmt::format("{:.0f}", side.failures()); }),
      row("error ratio", [](const auto& side, const auto&) { return ratio_text(side.error_ratio()); }),
      row("requests/s",
          [&](const auto& side, const auto&) {
            return fmt::format("{:.2f}", compared.figures.per_second(side.requests()));
          }),
      row("p95 latency",
          [&](const auto&, const auto& revision) { return latency_text(p95_of(compared, revision)); })};
  api::SeraphimDeployment judged = object;
  judged.status.evidence = compared.assessment.evidence;
  std::string text = "The last " + api::format_duration(compared.window) + ":\n" + format_columns(rows, "  ");
  const std::string evidence = evidence_text(judged);
  if (!evidence.empty()) text += "\n" + evidence;
  return text + "\nVerdict: " + verdict_text(compared.assessment) + "\n";
}

std::string compared_json(const Compared& compared) {
  const analysis::Assessment& assessment = compared.assessment;
  const ordered_json all = {
      {"window", api::format_duration(compared.window)},
      {"stable", side_json(compared, compared.figures.baseline, compared.baseline)},
      {"candidate", side_json(compared, compared.figures.candidate, compared.candidate)},
      {"verdict", rollout::verdict_word(assessment)},
      {"suspicious", assessment.suspicious},
      {"summary", assessment.summary},
      {"rollbackEvidence", assessment.evidence.rollback_evidence},
      {"promotionEvidence", assessment.evidence.promotion_evidence}};
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace seraphim::cli
