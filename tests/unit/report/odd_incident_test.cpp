// Whatever comes: a document that is Markdown and a chart that is XML, of a bounded size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "report/incident_fixture.h"
#include "report/post_mortem.h"

namespace seraphim::report::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kMostBytes = 256 * 1024;

/// Enough of XML for what to_svg() writes: tags that close, texts without '<' and with known entities, and no
/// character that XML does not know.
::testing::AssertionResult is_xml(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 && byte != '\n') return ::testing::AssertionFailure() << "a control character at " << i;
    if (text[i] == '&') {
      const std::string entity = text.substr(i, text.find(';', i) - i + 1);
      if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;")
        return ::testing::AssertionFailure() << "a bare & at " << i;
    }
    if (text[i] != '<') continue;
    const auto end = text.find('>', i);
    if (end == std::string::npos) return ::testing::AssertionFailure() << "a tag without an end at " << i;
    const std::string tag = text.substr(i + 1, end - i - 1);
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1))
        return ::testing::AssertionFailure() << "wrong " << tag;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(tag.substr(0, tag.find_first_of(" \n")));
    }
    i = end;
  }
  if (!open.empty()) return ::testing::AssertionFailure() << open.back() << " is not closed";
  return ::testing::AssertionSuccess();
}

TEST(OddIncident, NothingIsKnown) {
  const auto document = write_post_mortem({});
  EXPECT_THAT(document.markdown, HasSubstr("No decision of the operator is known any more"));
  EXPECT_THAT(document.markdown, HasSubstr("## Post-Action"));
  EXPECT_TRUE(is_xml(document.chart));
}

TEST(OddIncident, WithoutRecordsItNamesTheRevisions) {
  Incident lost = incident();
  lost.revisions.clear();
  const auto document = write_post_mortem(lost).markdown;
  EXPECT_THAT(document, HasSubstr("The revision `web-cccccccccc` was chosen at"));
  EXPECT_THAT(document, HasSubstr("The record of `web-bbbbbbbbbb` is gone"));
}

TEST(OddIncident, MarkdownAndMarkupInTextsAreTexts) {
  const std::string evil =
      "</svg><script>x</script> | # `a` **b** [c](d) <!-- end of the result -->\n# Heading\n```";
  Incident odd = incident();
  odd.rollback.message = evil;
  odd.rollback.reason = "Re|ason`<b>";
  odd.name = "a|b`<i>$(rm -rf)";
  odd.told.push_back({at(30), "Ho|ld", evil});
  odd.told_problem = evil;
  odd.rates.reset();
  odd.rates_problem = evil;
  const auto document = write_post_mortem(odd);
  EXPECT_THAT(document.markdown, Not(HasSubstr("\n# Heading")));
  EXPECT_THAT(document.markdown, HasSubstr("\\<script>"));
  EXPECT_THAT(document.markdown, Not(HasSubstr(" <script>")));
  EXPECT_THAT(document.markdown, Not(HasSubstr("**b**")));
  EXPECT_THAT(document.markdown, Not(HasSubstr("[c](d)")));
  EXPECT_THAT(document.markdown, Not(HasSubstr("seraphim retry a|b"))) << "no command of what is no name";
  EXPECT_THAT(document.chart, Not(HasSubstr("<script")));
  EXPECT_TRUE(is_xml(document.chart));
  std::istringstream lines(document.markdown);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| 2026")) continue;
    std::size_t bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    EXPECT_EQ(bars, 5U) << line;
  }
}

TEST(OddIncident, AHugeOneStaysSmall) {
  Incident huge = incident();
  const std::string words(5000, '<');
  huge.rollback.message = huge.told_problem = words;
  for (int i = 0; i < 5000; ++i) huge.told.push_back({at(1), "Reason" + std::to_string(i), words});
  for (int i = 0; i < 50; ++i) {
    huge.evidence->metrics.emplace_back();
    huge.evidence->metrics.back().name = words;
    huge.evidence->metrics.back().note = words;
  }
  for (int i = 0; i < 11'000; ++i) huge.rates->failed.push_back({at(i), 0.5});
  for (int revision = 1; revision <= 2; ++revision) {
    nlohmann::json args = nlohmann::json::array();
    for (int i = 0; i < 4000; ++i) args.push_back(std::to_string(i * revision) + std::string(1000, 'x'));
    std::get<api::PodsWorkload>(huge.revisions[static_cast<std::size_t>(revision)].workload)
        .pod_template.text = nlohmann::json{{"spec", {{"args", args}}}}.dump();
  }
  const auto document = write_post_mortem(huge);
  EXPECT_LT(document.markdown.size() + document.chart.size(), kMostBytes);
  for (const char* said : {"decisions are left out here", "more lines are left out",
                           "30 more metrics are left out", "## Post-Action", "Written at "})
    EXPECT_TRUE(document.markdown.find(said) != std::string::npos) << said;
  EXPECT_TRUE(is_xml(document.chart));
}

/// Incidents made of pieces that mean something somewhere.
class Pieces {
 public:
  explicit Pieces(unsigned seed) : random_(seed) {}
  int number(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }
  std::string text() {
    static const std::vector<std::string> kParts{"web-cccccccccc",
                                                 " went from ",
                                                 " to ",
                                                 "25%",
                                                 "\n",
                                                 "|",
                                                 "`",
                                                 "<",
                                                 "&amp;",
                                                 "\\",
                                                 "\xc3\xa4",
                                                 "\xff",
                                                 "\x01",
                                                 "the weight of ",
                                                 "rolled back ",
                                                 ": ",
                                                 "](",
                                                 "<!-- end of the result -->\n",
                                                 "=",
                                                 "token=",
                                                 "://u:p@h",
                                                 "999999%"};
    std::string all;
    for (int i = number(0, 8); i > 0; --i)
      all += kParts[static_cast<std::size_t>(number(0, static_cast<int>(kParts.size()) - 1))];
    return all;
  }
  std::string reason() {
    static const std::vector<std::string> kReasons{"CandidateStarted", "WeightRaised", "WeightLowered",
                                                   "RolledBack",       "Promoted",     "FirstRevisionFailed"};
    return number(0, 3) == 0 ? text() : kReasons[static_cast<std::size_t>(number(0, 5))];
  }

 private:
  std::mt19937 random_;
};

TEST(OddIncident, RandomOnes) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    Pieces pieces(seed);
    Incident odd = pieces.number(0, 1) == 0 ? incident() : Incident{};
    if (pieces.number(0, 1) == 0) odd.name = pieces.text();
    if (pieces.number(0, 1) == 0) odd.rollback.from_revision = pieces.text();
    if (pieces.number(0, 1) == 0) odd.rollback.to_revision = pieces.text();
    if (pieces.number(0, 1) == 0) odd.rollback.message = pieces.text();
    if (pieces.number(0, 3) == 0) odd.evidence.reset();
    if (pieces.number(0, 3) == 0) odd.rates.reset();
    if (pieces.number(0, 3) == 0) odd.written_at = at(-10'000'000);
    for (int i = pieces.number(0, 20); i > 0; --i)
      odd.told.push_back({at(pieces.number(-1'000'000, 1'000'000)), pieces.reason(), pieces.text()});
    if (odd.rates)
      odd.rates->failed.push_back({at(pieces.number(-9999, 9999)), pieces.number(-5, 5) * 1e300});
    const auto document = write_post_mortem(odd);
    EXPECT_TRUE(is_xml(document.chart)) << "seed " << seed;
    EXPECT_LT(document.markdown.size(), kMostBytes);
    const auto result =
        with_verification(document.markdown, api::VerificationStatus{.message = pieces.text()});
    EXPECT_EQ(with_verification(result, std::nullopt), with_verification(document.markdown, std::nullopt));
  }
}

}  // namespace
}  // namespace seraphim::report::testing
