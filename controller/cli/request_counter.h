// The platform gateway's request counter, as its /metrics page tells it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace seraphim::cli {

/// By variant and outcome. Lines of other metrics, and those that are no samples, are left out.
using RequestCounter = std::map<std::pair<std::string, std::string>, double>;

RequestCounter read_request_counter(std::string_view metrics);

/// What the requests of one variant came to between two readings of one process.
struct CounterGrowth {
  double successes = 0, failures = 0;
};
CounterGrowth growth_of(const RequestCounter& before, const RequestCounter& after,
                        const std::string& variant);

}  // namespace seraphim::cli
