// What a command gets from outside: files, the network, the clock, a terminal.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <tl/expected.hpp>

#include "api/time.h"
#include "cli/cluster_link.h"
#include "prometheus/metrics_source.h"

namespace seraphim::cli {

struct Surroundings {
  prometheus::MetricsSource::TransportFor transport_for;
  std::function<api::Time()> now;
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  /// The error says what is missing and what to pass.
  std::function<tl::expected<ClusterLink, std::string>(const ClusterChoice&)> link{};
  /// Between two tries of something that failed.
  std::function<void(api::Duration)> pause{};
  std::string user{};  ///< who is at the terminal
};

// What a command ends with; in its --help as well.
inline constexpr int kGood = 0;
inline constexpr int kBad = 1;       ///< the answer is no: a rollback, a false alarm, an unhealthy platform
inline constexpr int kUnusable = 2;  ///< wrong words on the command line, or nothing to work on
inline constexpr int kDiffers = 3;   ///< a comparison failed
inline constexpr int kNotRecovered = 3;  ///< rolled back, and the service is not well all the same
inline constexpr int kNotVerified =
    4;  ///< rolled back, and whether the service is well could not be measured

}  // namespace seraphim::cli
