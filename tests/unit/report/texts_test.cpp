// Pieces: YAML that a parser reads back as the same, Markdown that means nothing, charts of anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "report/markdown.h"
#include "report/short_text.h"
#include "report/svg_chart.h"
#include "report/yaml_text.h"

namespace seraphim::report {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

json read_back(const YAML::Node& node) {
  if (node.IsNull()) return nullptr;
  if (node.IsScalar()) {
    if (node.Tag() == "!") return node.Scalar();
    json value = json::parse(node.Scalar(), nullptr, false);
    return value.is_number() || value.is_boolean() || value.is_null() ? value : json(node.Scalar());
  }
  json value = node.IsMap() ? json::object() : json::array();
  for (const auto& entry : node) {
    if (node.IsMap()) {
      value[entry.first.Scalar()] = read_back(entry.second);
    } else {
      value.push_back(read_back(entry));
    }
  }
  return value;
}

TEST(YamlText, IsWrittenAsKubectlWritesIt) {
  const json value = {
      {"spec", {{"containers", json::array({{{"image", "m:1"}, {"name", "m"}, {"args", {"a", "b"}}}})}}}};
  EXPECT_THAT(yaml_lines(value), ElementsAre("spec:", "  containers:", "  - args:", "    - a", "    - b",
                                             "    image: m:1", "    name: m"));
}

TEST(YamlText, AParserReadsTheSame) {
  for (
      const char* text :
      {R"({"a":"1","b":1,"c":"true","d":true,"e":null,"f":"null","g":"","h":" x","i":"x ","j":"a: b","k":"a #b"})",
       R"({"a":[],"b":{},"c":[[1,2],[3]],"d":[{"x":[{"y":1}]}],"e":"- x","f":"*x","g":"!x","h":"%x","i":"@x"})",
       R"({"a":"line 1\nline 2","b":"ends\n","c":"\n","d":"tab\there","e":"\"quoted\"","f":"back\\slash","g":"yes"})",
       R"({"key: odd":1,"5":2,"true":3,"a":"{x}","b":"[x]","c":"x, y","d":"0x1f","e":"1e3","f":".5","g":"~"})"}) {
    const json value = json::parse(text);
    std::string yaml;
    for (const auto& line : yaml_lines(value)) yaml += line + "\n";
    EXPECT_EQ(read_back(YAML::Load(yaml)), value) << yaml;
  }
}

TEST(Markdown, PlainTextMeansNothing) {
  EXPECT_EQ(plain("revision_name of MODEL_VERSION"), "revision_name of MODEL_VERSION");
  EXPECT_EQ(plain("_a_ *b* `c` [d](e) <f> g|h\ni"), "\\_a\\_ \\*b\\* \\`c\\` \\[d\\](e) \\<f> g\\|h i");
  EXPECT_EQ(plain("# a"), "\\# a");
  EXPECT_EQ(plain("a &lt; b & c"), "a \\&lt; b & c");
  EXPECT_EQ(code("web-1"), "`web-1`");
  EXPECT_EQ(code("a`b"), "a\\`b");
  EXPECT_EQ(block("a ``` b\n", "diff"), "````diff\na ``` b\n````\n");
}

TEST(ShortText, IsCutBetweenCharacters) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abc...");
  EXPECT_EQ(shortened("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 6), "\xc3\xa4...");
}

TEST(SvgChart, DrawsWhatItIsGivenWhateverItIs) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN(),
                   kMuch = std::numeric_limits<double>::infinity();
  const api::Time now{std::chrono::hours(490'000)};
  Chart chart{.title = "a<b & \"c\"", .from = now, .to = now + std::chrono::seconds(60)};
  chart.panels = {
      {.title = "p",
       .curves = {{"one", "#000", {{now, kNan}, {now, kMuch}, {now, -kMuch}}}, {"dot", "#111", {{now, 1}}}}},
      {.title = "flat", .lowest = 1, .highest = 1, .curves = {{"", "#222", {{now, 1}, {now, 2}}}}}};
  chart.marks = {{now - std::chrono::hours(1), "before", "#333"}};
  const std::string svg = to_svg(chart);
  EXPECT_THAT(svg, HasSubstr("a&lt;b &amp; &quot;c&quot;"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_THAT(svg, HasSubstr("<circle"));
  chart.to = chart.from;
  EXPECT_THAT(to_svg(chart), Not(HasSubstr("<polyline"))) << "no time, no curve";
}

}  // namespace
}  // namespace seraphim::report
