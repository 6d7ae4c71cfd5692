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

}  // namespace seraphim::cluster
