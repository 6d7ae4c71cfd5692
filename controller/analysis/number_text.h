// Numbers for people. Internal to analysis/.
#pragma once

#include <string>

namespace seraphim::analysis {

/// Digits after the point as asked for, whatever the locale.
std::string fixed(double value, int decimals);
/// "12.5 %"
std::string percent(double fraction);

}  // namespace seraphim::analysis
