#include "replay/compare.h"

#include <map>

namespace seraphim::replay {
namespace {

constexpr std::size_t kMostTold = 10;

struct Compared {
  std::string counts, rollback, promotion, step, weight, verdict;
};

std::string counts_text(const api::EvidenceStatus& evidence) {
  return "candidate " + std::to_string(evidence.candidate_failures) + " of " +
         std::to_string(evidence.candidate_requests) + ", stable " +
         std::to_string(evidence.baseline_failures) + " of " + std::to_string(evidence.baseline_requests);
}

Compared compared(const api::EvidenceStatus& evidence, std::int32_t step, api::Percent weight,
                  const std::string& verdict) {
  return {counts_text(evidence),          evidence.rollback_evidence,  evidence.promotion_evidence,
          "step " + std::to_string(step), api::format_percent(weight), verdict};
}

std::string difference(const Compared& here, const Compared& there) {
  std::string text;
  const auto add = [&](const char* what, const std::string& replayed, const std::string& logged) {
    if (replayed == logged) return;
    text += (text.empty() ? "" : "; ") + std::string(what) + " " + replayed + " here, " + logged + " there";
  };
  add("counts:", here.counts, there.counts);
  add("rollback evidence", here.rollback, there.rollback);
  add("promotion evidence", here.promotion, there.promotion);
  add("in", here.step, there.step);
  add("weight", here.weight, there.weight);
  add("verdict", here.verdict, there.verdict);
  return text;
}

}  // namespace

Differences compare(const Timeline& timeline, const std::vector<rollout::PassRecord>& log) {
  std::map<api::Time, std::pair<const Look*, const rollout::PassRecord*>> moments;
  for (const Look& look : timeline.looks) moments[look.at].first = &look;
  for (const auto& record : log) {
    if (record.look) moments[record.at].second = &record;
  }
  Differences all;
  all.looks = moments.size();
  for (const auto& [at, both] : moments) {
    const auto& [look, record] = both;
    std::string text;
    if (look == nullptr) {
      text = "the replay has no look there";
    } else if (record == nullptr) {
      text = "the log has no look there";
    } else {
      text = difference(compared(look->evidence, look->step, look->weight, look->verdict),
                        compared(record->evidence, record->step, record->weight, record->verdict));
    }
    if (text.empty()) continue;
    ++all.differ;
    if (all.first.size() < kMostTold) all.first.push_back(api::format_time(at) + ": " + text);
  }
  return all;
}

}  // namespace seraphim::replay
