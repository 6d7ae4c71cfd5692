// kubectl-seraphim simulate: the operator's analysis and decisions over recorded history. Needs no cluster.
#pragma once

#include <string>

#include "cli/command.h"

namespace seraphim::cli {

struct SimulateOptions {
  std::string manifest;           ///< a file, or "-"
  std::string prometheus;         ///< empty: the manifest's
  std::string stable, candidate;  ///< revisions
  std::string stable_version;     ///< of its model, for {{stableVersion}}
  std::string namespace_;         ///< empty: the manifest's
  std::string from, to;           ///< RFC 3339, or a duration back from now; empty: see --help
  std::string history;            ///< a file in place of Prometheus
  std::string export_to, chart;   ///< files to write
  std::string looks, compare;     ///< logs of the operator
  bool aa = false;
  bool json = false;
};

Command add_simulate(CLI::App& app);
int simulate(const SimulateOptions& options, const Surroundings& surroundings);

}  // namespace seraphim::cli
