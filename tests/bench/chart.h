// A bar chart as SVG: groups of bars, one colour per series.
#pragma once

#include <string>
#include <vector>

namespace seraphim::bench {

struct Bar {
  double value = 0;
  std::string label;  ///< what stands above it
};

struct Chart {
  std::string title, unit;
  std::vector<std::string> series{};
  std::vector<std::string> groups{};
  std::vector<std::vector<Bar>> bars{};  ///< for each group, one per series
  double highest = 100;                  ///< of the axis; higher bars are cut off
};

/// The charts below each other.
std::string to_svg(const std::vector<Chart>& charts);

}  // namespace seraphim::bench
