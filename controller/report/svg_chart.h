// Curves over time in panels, one below the other, as a self-contained SVG.
#pragma once

#include <string>
#include <vector>

#include "api/time.h"

namespace seraphim::report {

// What the same thing looks like in every chart.
inline constexpr const char* kStableColour = "#4a6fa5";
inline constexpr const char* kCandidateColour = "#c9772b";
inline constexpr const char* kRollbackColour = "#b03a48";
inline constexpr const char* kPromotionColour = "#1b7f5c";
inline constexpr const char* kPlainColour = "#444";

struct Dot {
  api::Time at{};
  double value = 0;
  bool operator==(const Dot&) const = default;
};

struct Curve {
  std::string name{};  ///< for the legend; empty: not in it
  std::string colour{};
  std::vector<Dot> dots{};  ///< in the order of time, joined by straight lines
};

/// A value that a thin line is drawn at.
struct Level {
  double value = 0;
  std::string label{};
};

struct Panel {
  std::string title{};
  double lowest = 0,
         highest = 1;  ///< values of its lower and upper edge; what is beyond is drawn at the edge
  std::vector<Level> levels{};
  std::vector<Level> bounds{};  ///< dashed; the label is the colour
  std::vector<Curve> curves{};
  std::string note{};  ///< written into an empty panel
};

/// A line through all panels.
struct Mark {
  api::Time at{};
  std::string words{}, colour{};
};

struct Chart {
  std::string title{};
  std::string subtitle{}, subtitle_colour = kPlainColour;
  api::Time from{}, to{};
  std::vector<Panel> panels{};
  std::vector<Mark> marks{};
};

/// Texts may be anything: they are made harmless, and too long ones are cut. Without panels, or without time
/// between from and to, only the titles are drawn.
std::string to_svg(const Chart& chart);

/// Levels of a share: 0, half and all of `top`, in percent.
std::vector<Level> percent_levels(double top);
/// A full scale for a highest value: rounded up to 1, 2 or 5 times a power of ten.
double nice_top(double value);

}  // namespace seraphim::report
