#include "prometheus/query_answer.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "jsontext/jsontext.h"

namespace seraphim::prometheus {
namespace {

using nlohmann::json;

/// Thrown within this file only, as json's own exceptions are.
struct Malformed {
  std::string what;
};

/// Nothing for NaN and infinities, which Prometheus writes as strings like all values.
std::optional<double> finite_value(const std::string& text) {
  if (text == "NaN" || text == "+Inf" || text == "-Inf" || text == "Inf") return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw Malformed{"a sample's value is not a number"};
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

api::Time read_time(const json& value) {
  constexpr double kLatest = 1e11;  // seconds; far beyond any date, and milliseconds still fit
  const double seconds = value.get<double>();
  if (!(std::abs(seconds) < kLatest)) throw Malformed{"a sample's time is out of range"};
  return api::Time(api::Duration(std::llround(seconds * 1000)));
}

/// `[1700000000.123, "42"]`
std::optional<Point> read_point(const json& pair) {
  const api::Time at = read_time(pair.at(0));
  const auto value = finite_value(pair.at(1).get_ref<const std::string&>());
  if (!value) return std::nullopt;
  return Point{at, *value};
}

/// `[1700000000.123, {"count": "7", "buckets": [[0, "0.25", "0.5", "3"], ...]}]`; nothing when a number is
/// NaN.
std::optional<HistogramPoint> read_histogram(const json& pair) {
  HistogramPoint point{read_time(pair.at(0)), 0, {}};
  const json& histogram = pair.at(1);
  const auto count = finite_value(histogram.at("count").get_ref<const std::string&>());
  if (!count) return std::nullopt;
  point.count = *count;
  if (!histogram.contains("buckets")) return point;
  for (const json& bucket : histogram.at("buckets")) {
    const auto text = [&](std::size_t i) -> const std::string& {
      return bucket.at(i).get_ref<const std::string&>();
    };
    const auto lower = finite_value(text(1)), upper = finite_value(text(2)), inside = finite_value(text(3));
    if (!inside) return std::nullopt;
    constexpr double kUnbounded = std::numeric_limits<double>::infinity();
    point.buckets.push_back({lower.value_or(-kUnbounded), upper.value_or(kUnbounded), *inside});
  }
  return point;
}

Vector read_vector(const json& result, std::size_t& dropped) {
  Vector vector;
  for (const json& entry : result) {
    auto labels = entry.at("metric").get<Labels>();
    if (!entry.contains("value")) continue;  // a native histogram: not a counter
    const auto point = read_point(entry.at("value"));
    if (point) {
      vector.entries.push_back({std::move(labels), *point});
    } else {
      ++dropped;
    }
  }
  return vector;
}

Matrix read_matrix(const json& result, std::size_t& dropped) {
  Matrix matrix;
  for (const json& entry : result) {
    auto labels = entry.at("metric").get<Labels>();
    Matrix::Series& series = matrix.series.emplace_back();
    series.labels = std::move(labels);
    if (entry.contains("histograms")) {
      for (const json& pair : entry.at("histograms")) {
        if (auto point = read_histogram(pair)) {
          series.histograms.push_back(*std::move(point));
        } else {
          ++dropped;
        }
      }
    }
    if (!entry.contains("values")) continue;
    for (const json& pair : entry.at("values")) {
      if (const auto point = read_point(pair)) {
        series.points.push_back(*point);
      } else {
        ++dropped;
      }
    }
  }
  return matrix;
}

QueryAnswer read_answer(const json& object) {
  const json& data = object.at("data");
  const auto type = data.at("resultType").get<std::string>();
  const json& result = data.at("result");
  if (!result.is_array()) throw Malformed{"its result is not a list"};
  QueryAnswer answer;
  if (type == "scalar") {
    const auto point = read_point(result);
    answer.data = point ? Vector{{{{}, *point}}} : Vector{};
  } else if (type == "vector") {
    answer.data = read_vector(result, answer.dropped);
  } else if (type == "matrix") {
    answer.data = read_matrix(result, answer.dropped);
  } else {
    throw Malformed{"its result is a " + type + " where samples of series were asked for"};
  }
  if (object.contains("warnings")) answer.warnings = object.at("warnings").get<std::vector<std::string>>();
  return answer;
}

std::string text_or(const json& object, const char* key, const std::string& otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

}  // namespace

tl::expected<QueryAnswer, AnswerFault> parse_query_answer(std::string_view body) {
  const json object = jsontext::parse(body);
  const auto fault = [](bool refused, std::string what) {
    return tl::unexpected(AnswerFault{refused, std::move(what)});
  };
  if (object.is_discarded()) return fault(false, "it is not JSON");
  if (!object.is_object()) return fault(false, "it is not a JSON object");
  const std::string status = text_or(object, "status", "");
  if (status == "error") {
    return fault(true,
                 text_or(object, "errorType", "error") + ": " + text_or(object, "error", "no reason given"));
  }
  if (status != "success") return fault(false, "it has no status");
  try {
    return read_answer(object);
  } catch (const Malformed& malformed) {
    return fault(false, malformed.what);
  } catch (const json::exception&) {
    return fault(false, "it does not follow the API of Prometheus");
  }
}

}  // namespace seraphim::prometheus
