// The chart's alerts by Prometheus' own tool: they are rules, each fires when it should, and only then. The
// cases are tests/data/alerts. No cluster is needed: SERAPHIM_HELM and SERAPHIM_PROMTOOL are enough.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

#include "chart.h"
#include "environment.h"
#include "kubernetes/temporary_folder.h"

namespace seraphim::cluster {
namespace {

using kubernetes::testing::TemporaryFolder;
using ::testing::HasSubstr;

std::vector<std::filesystem::path> alert_cases() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(SERAPHIM_SOURCE_DIR "/tests/data/alerts"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// The files of tests/data/alerts beside the rules that they name.
class Rules : public ::testing::Test {
 protected:
  Output promtool(const Words& words) { return run(with({variable("SERAPHIM_PROMTOOL")}, words)); }
  Output check(const std::string& rules) {
    return promtool({"check", "rules", "--lint=all", "--lint-fatal", folder_.write("rules.yaml", rules)});
  }
  Output try_cases(const std::string& rules) {
    folder_.write("rules.yaml", rules);
    Words words{"test", "rules"};
    for (const auto& file : alert_cases())
      words.push_back(folder_.write(file.filename().string(), read_file(file)).string());
    return promtool(words);
  }

  TemporaryFolder folder_;
};

TEST_F(Rules, AreTakenByPrometheus) {
  const Output checked = check(rendered_rules());
  EXPECT_EQ(checked.code, 0) << checked.text;
  EXPECT_THAT(checked.text, HasSubstr(std::to_string(alerts().size()) + " rules found"));
}

TEST_F(Rules, FireWhenTheyShouldAndOnlyThen) {
  const Output tested = try_cases(rendered_rules());
  EXPECT_EQ(tested.code, 0) << tested.text;
}

TEST_F(Rules, EachHasCasesOfBothKinds) {
  std::map<std::string, int> firing, silent;
  for (const auto& file : alert_cases()) {
    for (const auto& test : YAML::LoadFile(file.string())["tests"]) {
      for (const auto& expectation : test["alert_rule_test"])
        ++(expectation["exp_alerts"].size() > 0 ? firing
                                                : silent)[expectation["alertname"].as<std::string>()];
    }
  }
  for (const Alert& alert : alerts()) {
    EXPECT_GT(firing[alert.name], 0) << "tests/data/alerts has no case in which it fires: " << alert.name;
    EXPECT_GT(silent[alert.name], 0) << "tests/data/alerts has no case in which it must not: " << alert.name;
  }
  EXPECT_EQ(firing.size(), alerts().size()) << "a case is about an alert that the chart does not have";
}

/// What of the rules is changed, so that the cases must notice it.
struct Change {
  const char *from, *to;
};

class SpoiledRules : public Rules, public ::testing::WithParamInterface<Change> {};

TEST_P(SpoiledRules, AreNoticedByTheCases) {
  std::string rules = rendered_rules();
  const std::size_t at = rules.find(GetParam().from);
  ASSERT_NE(at, std::string::npos) << "the rules no longer have " << GetParam().from;
  rules.replace(at, std::string(GetParam().from).size(), GetParam().to);
  EXPECT_EQ(check(rules).code, 0) << "still rules";
  EXPECT_NE(try_cases(rules).code, 0);
}

INSTANTIATE_TEST_SUITE_P(Changes, SpoiledRules,
                         ::testing::Values(Change{"abs(", "("}, Change{"> 0.1", "> 0.08"},
                                           Change{"role=\"candidate\"} - ", "role=\"stable\"} - "},
                                           Change{"outcome=\"again\"", "outcome=\"done\""},
                                           Change{"> 300", "> 30"}, Change{"by (namespace, job) ", ""},
                                           Change{" or absent(seraphim_operator_leading)", ""},
                                           Change{"group by (namespace, name, instance)",
                                                  "group by (namespace, name, instance, job)"},
                                           Change{"{{ $labels.revision }}", "{{ $labels.role }}"}));

}  // namespace
}  // namespace seraphim::cluster
