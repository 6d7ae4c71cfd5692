// The document of one rollback: its sections, and that its numbers are those of the status.
#include "report/post_mortem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "report/incident_fixture.h"

namespace seraphim::report::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> headings(const std::string& markdown, const std::string& mark) {
  std::vector<std::string> found;
  std::istringstream lines(markdown);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(mark + " ")) found.push_back(line.substr(mark.size() + 1));
  }
  return found;
}

/// From one heading to the next.
std::string section(const std::string& markdown, const std::string& heading) {
  const auto begin = markdown.find(heading + "\n");
  if (begin == std::string::npos) return "no " + heading;
  return markdown.substr(begin, markdown.find("\n#", begin) - begin);
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto found = text.find(part); found != std::string::npos; found = text.find(part, found + 1)) ++count;
  return count;
}

TEST(PostMortem, HasTheSixSectionsOfAPlaybook) {
  const auto document = write_post_mortem(incident()).markdown;
  EXPECT_THAT(document, StartsWith("# Post-mortem: shop/web, revision 3 was rolled back to revision 2\n"));
  EXPECT_THAT(headings(document, "##"),
              ElementsAre("Situation Assessment", "Prerequisites", "Step-by-Step Procedures", "Verification",
                          "Rollback-Recovery", "Post-Action"));
  EXPECT_THAT(headings(document, "###"),
              ElementsAre("Timeline", "Error rates and weight", "What the revision changed"));
}

TEST(PostMortem, SaysInThreeSentencesWhatHappened) {
  const auto said = section(write_post_mortem(incident()).markdown, "## Situation Assessment");
  EXPECT_THAT(said,
              HasSubstr("Revision 3 (`web-cccccccccc`) was chosen at 2026-11-28T10:00:00Z beside revision 2 "
                        "(`web-bbbbbbbbbb`) and got 25% of the traffic at most."));
  EXPECT_THAT(said,
              HasSubstr("It was rolled back at 2026-11-28T10:00:52Z, 52s later, from 25% at step 2 of 3: "
                        "`ErrorRateWorseThanStable`, candidate 25 of 123 requests failed (20.3 %)"));
  EXPECT_THAT(
      said,
      HasSubstr("By the last look at 2026-11-28T10:00:51Z, 25 of 123 requests failed (20.3 %) with it; with "
                "the revision beside it, 1 of 900 requests failed (0.1 %)."));
}

TEST(PostMortem, ItsNumbersAreThoseOfTheStatus) {
  Incident other = incident();
  other.evidence->candidate_failures = 7;
  other.evidence->candidate_requests = 70;
  other.evidence->baseline_failures = 3;
  other.evidence->baseline_requests = 333;
  other.evidence->rollback_evidence = "101 of 100";
  api::MetricEvidence latency;
  latency.name = "latency";
  latency.candidate_failures = 11;
  latency.candidate_requests = 71;
  latency.baseline_failures = 5;
  latency.baseline_requests = 444;
  latency.rollback_evidence = "3 of 200";
  latency.promotion_evidence = "1 of 20";
  other.evidence->metrics = {latency};
  const auto document = write_post_mortem(other).markdown;
  EXPECT_THAT(document, HasSubstr("| errorRate | 7 of 70 | 3 of 333 | 101 of 100 | 0.2 of 20 |\n"));
  EXPECT_THAT(document, HasSubstr("| latency | 11 of 71 | 5 of 444 | 3 of 200 | 1 of 20 |\n"));
  EXPECT_THAT(document, HasSubstr("7 of 70 requests failed (10.0 %)"));
  EXPECT_THAT(section(document, "## Post-Action"), HasSubstr("7 bad requests were counted with revision 3"));
}

TEST(PostMortem, TellsEveryDecisionOnceInTheOrderOfTime) {
  Incident mixed = incident();
  // The same as Events, and one of an earlier rollout.
  for (const Told& told : incident().told) mixed.told.insert(mixed.told.begin(), told);
  mixed.told.push_back(
      {at(-600), "Promoted", "web-bbbbbbbbbb serves all traffic in place of web-aaaaaaaaaa"});
  mixed.told.push_back({at(20), "HoldingStep", "held", 4});
  const auto said = section(write_post_mortem(mixed).markdown, "### Timeline");
  EXPECT_EQ(count_of(said, "| CandidateStarted |"), 1U);
  EXPECT_EQ(count_of(said, "| WeightRaised |"), 2U);
  EXPECT_EQ(count_of(said, "| Promoted |"), 0U);
  EXPECT_THAT(
      said, HasSubstr("| 2026-11-28T10:00:40Z | +40s | WeightRaised | the weight of web-cccccccccc went from "
                      "10% to 25% for step 2 of 3 |\n"));
  EXPECT_THAT(said, HasSubstr("| HoldingStep | held (4 times) |"));
  EXPECT_LT(said.find("to 10%"), said.find("HoldingStep"));
  EXPECT_LT(said.find("HoldingStep"), said.find("to 25%"));
}

TEST(PostMortem, ShowsWhatTheRevisionChangedAndNoSecret) {
  const auto document = write_post_mortem(incident()).markdown;
  const auto said = section(document, "### What the revision changed");
  EXPECT_THAT(said, AllOf(HasSubstr("--- revision 2 (web-bbbbbbbbbb)\n+++ revision 3 (web-cccccccccc)\n"),
                          ContainsRegex("\n-  +image: example.com/model:v2\n"),
                          ContainsRegex("\n\\+  +image: example.com/model:v3\n"),
                          ContainsRegex("\n\\+  +value: v3\n")));
  EXPECT_THAT(document, Not(HasSubstr("hush")));
  EXPECT_THAT(said, ContainsRegex("\n-  +value: \"?\\(hidden, value 1\\)\"?\n"));
  EXPECT_THAT(said, ContainsRegex("\n\\+  +value: \"?\\(hidden, value 2\\)\"?\n"));
}

TEST(PostMortem, SaysWhatToDoWithCommandsOfThisObject) {
  const auto document = write_post_mortem(incident()).markdown;
  EXPECT_THAT(document, HasSubstr("kubectl seraphim rollback web -n shop --to-revision 2\n"));
  EXPECT_THAT(
      section(document, "## Rollback-Recovery"),
      AllOf(HasSubstr("Healthy: 1"), HasSubstr("`kubectl seraphim rollback web -n shop --to-revision 1`"),
            HasSubstr("`kubectl seraphim retry web -n shop`")));
  const auto actions = section(document, "## Post-Action");
  EXPECT_GE(count_of(actions, "- [ ] "), 4U);
  EXPECT_THAT(actions, HasSubstr("it still asks for revision 3"));
  Incident corrected = incident();
  corrected.wanted = false;
  EXPECT_THAT(write_post_mortem(corrected).markdown, Not(HasSubstr("it still asks for")));
}

TEST(PostMortem, TheChartHasBothRatesTheWeightAndTheRollback) {
  const auto chart = write_post_mortem(incident()).chart;
  EXPECT_THAT(chart, StartsWith("<svg "));
  EXPECT_EQ(count_of(chart, "<polyline"), 3U);
  EXPECT_THAT(chart, AllOf(HasSubstr(">rolled back<"), HasSubstr(">revision 3<"), HasSubstr(">revision 2<"),
                           HasSubstr("weight of revision 3"), Not(HasSubstr("nan"))));
  EXPECT_THAT(
      section(write_post_mortem(incident()).markdown, "### Error rates and weight"),
      AllOf(HasSubstr("(chart.svg)"), HasSubstr("revision 3 had 31.25% at most, at 2026-11-28T10:00:42Z")));
}

TEST(PostMortem, WithoutPrometheusItSaysSo) {
  Incident blind = incident();
  blind.rates.reset();
  blind.rates_problem = "Prometheus at http://prometheus:9090 cannot be reached";
  const auto document = write_post_mortem(blind);
  EXPECT_THAT(document.markdown,
              HasSubstr("There are no rates over time: Prometheus at http://prometheus:9090 cannot"));
  EXPECT_THAT(document.chart, AllOf(HasSubstr("no rates: Prometheus"), HasSubstr("<polyline")));
}

TEST(PostMortem, AFirstRevisionHasNothingToGoBackTo) {
  Incident first = incident();
  first.rollback.to_revision.clear();
  first.revisions = {first.revisions.back()};
  const auto document = write_post_mortem(first).markdown;
  EXPECT_THAT(document, StartsWith("# Post-mortem: shop/web, revision 3 was rolled back\n"));
  EXPECT_THAT(document,
              AllOf(HasSubstr("nothing else could serve"), HasSubstr("It was the first one"),
                    HasSubstr("No other revision is recorded as Healthy"), Not(HasSubstr("--to-revision"))));
}

TEST(PostMortem, OneThatAPersonTookBackIsNotCalledFailed) {
  for (const char* reason : {"Cancelled", "TakenBack", "Reverted"}) {
    Incident back = incident();
    back.rollback.reason = reason;
    back.wanted = false;
    const auto document = write_post_mortem(back).markdown;
    EXPECT_THAT(document, AllOf(HasSubstr("a person took it back"), HasSubstr("Note here why revision 3"),
                                Not(HasSubstr("Noted the verdict Failed")), Not(HasSubstr("seraphim retry"))))
        << reason;
  }
}

TEST(PostMortem, ARolloutWhoseBeginningIsForgottenSaysSo) {
  Incident old = incident();
  old.told.erase(old.told.begin(), old.told.begin() + 2);
  const auto document = write_post_mortem(old).markdown;
  EXPECT_THAT(document,
              HasSubstr("at a time that no Event tells any more and got 25% of the traffic at most"));
  EXPECT_THAT(section(document, "### Timeline"), HasSubstr("It may be incomplete"));
}

TEST(PostMortem, EvidenceOfALaterCandidateIsNotItsOwn) {
  Incident late = incident();
  late.evidence.reset();
  const auto document = write_post_mortem(late).markdown;
  EXPECT_THAT(document,
              AllOf(HasSubstr("is not known any more"), Not(HasSubstr("bad requests were counted"))));
}

TEST(PostMortem, ItsNameFollowsFromTheRollbackAlone) {
  EXPECT_EQ(document_name(incident().rollback), "web-cccccccccc-rollback-20261128-100052");
  auto again = incident().rollback;
  again.message = "others words";
  EXPECT_EQ(document_name(again), document_name(incident().rollback));
  again.at = at(53);
  EXPECT_NE(document_name(again), document_name(incident().rollback));
  again.from_revision = "../Ünfug\n" + std::string(400, 'x');
  EXPECT_TRUE(std::regex_match(document_name(again), std::regex("[a-z0-9][-.a-z0-9]{0,252}")));
}

api::VerificationStatus verified(api::VerificationResult result, const std::string& message) {
  api::VerificationStatus status;
  status.result = result;
  status.until = at(900);
  status.decided_at = at(952);
  status.message = message;
  return status;
}

TEST(PostMortem, TheVerificationIsPutInWhenItIsThere) {
  Incident pending = incident();
  pending.rollback.verification.emplace();
  pending.rollback.verification->until = at(900);
  const auto document = write_post_mortem(pending).markdown;
  EXPECT_THAT(section(document, "## Verification"),
              HasSubstr("**Pending until 2026-11-28T10:15:00Z at the earliest**"));
  const auto good =
      with_verification(document, verified(api::VerificationResult::recovered, "0 of 400 failed"));
  EXPECT_THAT(section(good, "## Verification"),
              AllOf(HasSubstr("**Recovered** at 2026-11-28T10:15:52Z: 0 of 400 failed\n"),
                    Not(HasSubstr("Pending"))));
  EXPECT_EQ(with_verification(good, pending.rollback.verification), document) << "nothing else has changed";
  const auto bad = with_verification(document, verified(api::VerificationResult::not_recovered, "90 of 400"));
  EXPECT_THAT(section(bad, "## Verification"), HasSubstr("**Not recovered**"));
  EXPECT_THAT(section(with_verification(document, verified(api::VerificationResult::undecided, "")),
                      "## Verification"),
              HasSubstr("**Undecided** at 2026-11-28T10:15:52Z.\n"));
  EXPECT_THAT(section(write_post_mortem(incident()).markdown, "## Verification"),
              HasSubstr("**Not verified**"));
}

TEST(PostMortem, ADocumentThatSomebodyRewroteGetsTheResultAtItsEnd) {
  const auto result = verified(api::VerificationResult::recovered, "all well");
  const auto once = with_verification("# ours now", result);
  EXPECT_THAT(once, AllOf(StartsWith("# ours now\n"), HasSubstr("**Recovered**")));
  EXPECT_EQ(with_verification(once, result), once);
}

}  // namespace
}  // namespace seraphim::report::testing
