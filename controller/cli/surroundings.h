// What a command gets from outside: files, the network, the clock, a terminal.
#pragma once

#include <functional>
#include <iosfwd>

#include "api/time.h"
#include "prometheus/metrics_source.h"

namespace seraphim::cli {

struct Surroundings {
  prometheus::MetricsSource::TransportFor transport_for;
  std::function<api::Time()> now;
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

/// What a command ends with; in its --help as well.
enum ExitCode : int {
  kGood = 0,
  kBad = 1,       ///< the answer is no: a rollback, a false alarm
  kUnusable = 2,  ///< wrong words on the command line, or nothing to work on
  kDiffers = 3,   ///< a comparison failed
};

}  // namespace seraphim::cli
