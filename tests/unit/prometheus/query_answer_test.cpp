#include "prometheus/query_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace seraphim::prometheus {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

TEST(QueryAnswer, MatrixKeepsTimesOfScrapes) {
  const auto answer = parse_query_answer(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"revision":"a-1","outcome":"success"},
          "values":[[1700000000.123,"41"],[1700000001.1235,"42.5"]]}]}})");
  ASSERT_TRUE(answer) << answer.error().what;
  const auto& series = std::get<Matrix>(answer->data).series;
  ASSERT_EQ(series.size(), 1u);
  EXPECT_EQ(series[0].labels, (Labels{{"revision", "a-1"}, {"outcome", "success"}}));
  const std::vector<Point> expected{{api::Time(milliseconds(1700000000123)), 41},
                                    {api::Time(milliseconds(1700000001124)), 42.5}};
  EXPECT_EQ(series[0].points, expected);
  EXPECT_EQ(answer->dropped, 0u);
}

TEST(QueryAnswer, VectorHasOneValueEach) {
  const auto answer = parse_query_answer(
      R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1.5,"7"]}]}})");
  ASSERT_TRUE(answer);
  const auto& entries = std::get<Vector>(answer->data).entries;
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].point, (Point{api::Time(milliseconds(1500)), 7}));
}

TEST(QueryAnswer, EmptyIsAnAnswer) {
  const auto answer =
      parse_query_answer(R"({"status":"success","data":{"resultType":"matrix","result":[]}})");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(std::get<Matrix>(answer->data).series.empty());
}

TEST(QueryAnswer, NotANumberAndInfinityAreDroppedAndCounted) {
  const auto answer = parse_query_answer(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},
          "values":[[1,"NaN"],[2,"+Inf"],[3,"-Inf"],[4,"5"],[5,"1e400"]]}]}})");
  EXPECT_FALSE(answer) << "1e400 is not a value that Prometheus writes";
  const auto usual = parse_query_answer(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},
          "values":[[1,"NaN"],[2,"+Inf"],[3,"-Inf"],[4,"5"]]},{"metric":{},"values":[[1,"nan"]]}]}})");
  ASSERT_TRUE(usual) << usual.error().what;
  EXPECT_EQ(usual->dropped, 4u);
  EXPECT_EQ(std::get<Matrix>(usual->data).series[0].points.size(), 1u);
  const auto vector = parse_query_answer(
      R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1.5,"NaN"]}]}})");
  ASSERT_TRUE(vector);
  EXPECT_EQ(vector->dropped, 1u);
  EXPECT_TRUE(std::get<Vector>(vector->data).entries.empty());
}

TEST(QueryAnswer, WarningsComeAlong) {
  const auto answer = parse_query_answer(
      R"({"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["store x: partial response"]})");
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->warnings, ::testing::ElementsAre("store x: partial response"));
}

TEST(QueryAnswer, NativeHistogramsAreReadBucketByBucket) {
  const auto answer = parse_query_answer(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"pod":"a"},"histograms":[
          [1.5,{"count":"7","sum":"2.5","buckets":[[3,"-0.001","0.001","1"],[0,"0.25","0.5","4"],[0,"4","+Inf","2"]]}],
          [2.5,{"count":"NaN","sum":"0"}]]}]}})");
  ASSERT_TRUE(answer);
  const auto& series = std::get<Matrix>(answer->data).series;
  ASSERT_EQ(series.size(), 1u);
  EXPECT_TRUE(series[0].points.empty());
  ASSERT_EQ(series[0].histograms.size(), 1u);
  EXPECT_EQ(answer->dropped, 1u);
  const HistogramPoint& point = series[0].histograms[0];
  EXPECT_EQ(point.count, 7);
  ASSERT_EQ(point.buckets.size(), 3u);
  EXPECT_EQ(point.buckets[1].lower, 0.25);
  EXPECT_EQ(point.buckets[1].upper, 0.5);
  EXPECT_EQ(point.buckets[1].count, 4);
  EXPECT_TRUE(std::isinf(point.buckets[2].upper));
}

TEST(QueryAnswer, AHistogramWithoutACountIsNone) {
  const auto answer = parse_query_answer(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{}]]}]}})");
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().what, HasSubstr("API"));
}

TEST(QueryAnswer, AScalarIsOneValue) {
  const auto answer =
      parse_query_answer(R"({"status":"success","data":{"resultType":"scalar","result":[1.25,"2"]}})");
  ASSERT_TRUE(answer);
  const auto& entries = std::get<Vector>(answer->data).entries;
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].point.value, 2);
  const auto nan =
      parse_query_answer(R"({"status":"success","data":{"resultType":"scalar","result":[1.25,"NaN"]}})");
  ASSERT_TRUE(nan);
  EXPECT_TRUE(std::get<Vector>(nan->data).entries.empty());
}

TEST(QueryAnswer, RefusalByTheServer) {
  const auto answer =
      parse_query_answer(R"({"status":"error","errorType":"bad_data","error":"parse error"})");
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().refused);
  EXPECT_EQ(answer.error().what, "bad_data: parse error");
}

struct Nonsense {
  const char* body;
  const char* what;
};
class NonsenseAnswer : public ::testing::TestWithParam<Nonsense> {};

TEST_P(NonsenseAnswer, IsSaidNotSwallowed) {
  const auto answer = parse_query_answer(GetParam().body);
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().refused);
  EXPECT_THAT(answer.error().what, HasSubstr(GetParam().what));
}

INSTANTIATE_TEST_SUITE_P(
    All, NonsenseAnswer,
    ::testing::Values(
        Nonsense{"", "not JSON"}, Nonsense{"<html>Bad Gateway</html>", "not JSON"},
        Nonsense{R"({"status":"success","data":{"resultType":"matrix","result":[)", "not JSON"},
        Nonsense{"[]", "not a JSON object"}, Nonsense{"{}", "no status"},
        Nonsense{R"({"status":1})", "no status"},
        Nonsense{R"({"status":"success"})", "does not follow the API"},
        Nonsense{R"({"status":"success","data":{"resultType":"scalar","result":[1]}})", "API"},
        Nonsense{R"({"status":"success","data":{"resultType":"string","result":[1,"x"]}})", "a string"},
        Nonsense{R"({"status":"success","data":{"resultType":"matrix","result":{}}})", "not a list"},
        Nonsense{R"({"status":"success","data":{"resultType":"matrix","result":[{"values":[[1,"2"]]}]}})",
                 "API"},
        Nonsense{
            R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1]]}]}})",
            "API"},
        Nonsense{
            R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,2]]}]}})",
            "API"},
        Nonsense{
            R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2x"]]}]}})",
            "not a number"},
        Nonsense{
            R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1e30,"2"]]}]}})",
            "out of range"},
        Nonsense{R"({"status":"success","data":{"resultType":"matrix","result":[1]}})", "API"}));

}  // namespace
}  // namespace seraphim::prometheus
