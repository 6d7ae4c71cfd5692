#include "prometheus/query_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(QueryAnswer, NativeHistogramsAreNotCounters) {
  const auto answer = parse_query_answer(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{}]]}]}})");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(std::get<Matrix>(answer->data).series.empty());
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
        Nonsense{R"({"status":"success","data":{"resultType":"scalar","result":[1,"2"]}})", "a scalar"},
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
