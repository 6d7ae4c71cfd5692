// A replay as a picture: error rates, the weight, and the evidence against its bounds, over time.
#pragma once

#include <string>

#include "replay/timeline.h"

namespace seraphim::cli {

/// A self-contained SVG. Nothing is drawn of a timeline without looks but its title.
std::string to_svg(const replay::Timeline& timeline);

}  // namespace seraphim::cli
