// Double braces in PromQL, whose own braces are single.
#include "api/placeholders.h"

#include <gtest/gtest.h>

namespace seraphim::api {
namespace {

TEST(Placeholders, AreFilledInWhereverTheyStand) {
  const std::map<std::string, std::string> values{{"revision", "web-1"}, {"namespace", "shop"}};
  EXPECT_EQ(fill_placeholders(R"(a{r="{{revision}}",n="{{namespace}}"} / b{r!="{{revision}}"})", values),
            R"(a{r="web-1",n="shop"} / b{r!="web-1"})");
  EXPECT_EQ(fill_placeholders("up{}", values), "up{}");
  EXPECT_EQ(fill_placeholders("{{stable}}x", values), "{{stable}}x");
  EXPECT_EQ(fill_placeholders("", values), "");
}

TEST(Placeholders, UnknownAndUnclosedOnesAreNamed) {
  EXPECT_EQ(unknown_placeholder(R"(a{r="{{revision}}"})"), std::nullopt);
  EXPECT_EQ(unknown_placeholder(R"(a{r="{{version}}",s="{{x}}"})"), "{{version}}");
  EXPECT_EQ(unknown_placeholder(R"(a{r="{{revision)"), "{{revision");
  EXPECT_EQ(unknown_placeholder("a{{}}"), "{{}}");
  EXPECT_EQ(unknown_placeholder("{{ revision }}"), "{{ revision }}");
}

TEST(Placeholders, AQueryOfTorchServesOwnMetricsNamesItsVersion) {
  const std::string query =
      R"(sum(rate(ts_queue_latency_microseconds{model_name="text",model_version="{{candidateVersion}}"}[1m])))"
      R"( / sum(rate(ts_inference_requests_total{model_name="text",model_version="{{candidateVersion}}"}[1m])))";
  EXPECT_EQ(unknown_placeholder(query), std::nullopt);
  EXPECT_EQ(fill_placeholders(query, {{"candidateVersion", "2.0"}, {"stableVersion", "1.0"}}),
            R"(sum(rate(ts_queue_latency_microseconds{model_name="text",model_version="2.0"}[1m])))"
            R"( / sum(rate(ts_inference_requests_total{model_name="text",model_version="2.0"}[1m])))");
}

TEST(Placeholders, AreLookedFor) {
  EXPECT_TRUE(uses_placeholder("a{{stable}}b{{revision}}", "revision"));
  EXPECT_FALSE(uses_placeholder("a{revision}", "revision"));
}

}  // namespace
}  // namespace seraphim::api
