// Whose metrics a command asks for, and asking for them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "api/percent.h"
#include "api/seraphim_deployment.h"
#include "cli/cluster.h"
#include "cli/figures.h"

namespace seraphim::cli {

/// Two sides of one deployment's traffic.
struct Sides {
  api::PrometheusSource source{};
  std::string namespace_{}, name{};
  std::string baseline{}, candidate{};  ///< revisions; candidate empty: there is but one side
  std::optional<api::Percent> told{};   ///< what share the router was told to give the candidate
  std::optional<api::Time> told_since{};
};

/// Those of the deployment now: stable and candidate, during a bake the previous and the stable revision. The
/// error says why there is nothing to measure.
tl::expected<Sides, std::string> sides_of(const api::SeraphimDeployment& object);

/// Options of the commands that ask Prometheus.
struct MeasureOptions {
  Subject subject{};
  std::string prometheus{};  ///< URL; empty: the object's
  std::string window{};      ///< Go-style
  bool gateway = false;      ///< the platform's gateway: by the label variant, without a cluster
  bool json = false;
};
void add_measure_options(CLI::App& command, MeasureOptions& options, const std::string& window);

/// Reads the object unless `gateway`, and takes --prometheus into account.
tl::expected<Sides, std::string> find_sides(MeasureOptions& options, const Surroundings& surroundings);

/// All requests of the window. The error is Prometheus's, or says that there is no sample.
tl::expected<Figures, std::string> measure(const Sides& sides, api::Duration window,
                                           const Surroundings& surroundings);

/// 95th percentile of the latency in seconds by revision (by variant with that preset); without a histogram,
/// or without traffic, it is not there. The error is Prometheus's.
tl::expected<std::map<std::string, double>, std::string> measure_p95(const Sides& sides, api::Duration window,
                                                                     const Surroundings& surroundings);

/// "5m" as --window wants it.
tl::expected<api::Duration, std::string> parse_window(const std::string& text);

}  // namespace seraphim::cli
