// The chart as Helm renders it. Needs no cluster: SERAPHIM_HELM and SERAPHIM_PROMTOOL are enough.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "child_process.h"

namespace seraphim::cluster {

using Words = std::vector<std::string>;

/// The first words, then more of them.
Words with(Words words, const Words& more);

/// charts/seraphim-operator of this checkout.
std::filesystem::path chart();

/// The version before it, packaged: what a user upgrades from.
std::filesystem::path previous_chart();

/// "seraphim-operator-0.1.0": a chart's name and version, as `helm list` tells them.
std::string name_and_version(const std::filesystem::path& chart);

/// The version of the operator that the present chart installs, which is the tag of the image that the
/// cluster has.
std::string operator_version();

/// Runs helm, for three minutes at most.
Output helm(const Words& words);

/// Renders the chart as if for this cluster.
Output render(const Words& settings);

/// The rules of the chart's PrometheusRule as a rule file of Prometheus (YAML). Throws with Helm's words when
/// it cannot be rendered.
std::string rendered_rules();

struct Alert {
  std::string name, expression;
};

/// The alerts of rendered_rules(), in its order.
std::vector<Alert> alerts();

struct PanelQuery {
  std::string panel, expression;
};

/// Every query of the chart's dashboard, with Grafana's variables filled in: this namespace, all names.
std::vector<PanelQuery> dashboard_queries(const std::string& namespace_);

}  // namespace seraphim::cluster
