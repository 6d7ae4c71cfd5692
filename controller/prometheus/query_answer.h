// What /api/v1/query answers, as values.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "api/time.h"

namespace seraphim::prometheus {

struct Point {
  api::Time at{};    ///< vector: time of the evaluation; matrix: time of the scrape
  double value = 0;  ///< always finite
  bool operator==(const Point&) const = default;
};

using Labels = std::map<std::string, std::string>;

/// One value for each series; a scalar is one value without labels.
struct Vector {
  struct Entry {
    Labels labels;
    Point point;
  };
  std::vector<Entry> entries;
};

/// One scrape of a native histogram.
struct HistogramPoint {
  struct Bucket {
    double lower = 0, upper = 0, count = 0;
  };
  api::Time at{};
  double count = 0;
  std::vector<Bucket> buckets;  ///< only those with observations
};

/// All samples of each series in a window.
struct Matrix {
  struct Series {
    Labels labels;
    std::vector<Point> points;
    std::vector<HistogramPoint> histograms{};
  };
  std::vector<Series> series;
};

struct QueryAnswer {
  std::variant<Vector, Matrix> data;
  std::vector<std::string> warnings;  ///< e.g. that a part of the stores did not answer
  std::size_t dropped = 0;            ///< samples left out because they were NaN or infinite
};

/// Why an answer holds no data.
struct AnswerFault {
  bool refused =
      false;         ///< the server says so itself ("status":"error"); otherwise the answer makes no sense
  std::string what;  ///< "bad_data: invalid parameter ...", or what is wrong with the answer
};

/// Total: whatever the bytes. Results of other types than scalar, vector and matrix are a fault.
tl::expected<QueryAnswer, AnswerFault> parse_query_answer(std::string_view body);

}  // namespace seraphim::prometheus
