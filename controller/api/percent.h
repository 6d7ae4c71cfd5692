// A share between 0 % and 100 % with a resolution of 0.01 %; never a float.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace seraphim::api {

class Percent {
 public:
  constexpr Percent() = default;
  static constexpr Percent from_basis_points(std::int32_t basis_points) { return Percent(basis_points); }
  static constexpr Percent whole(std::int32_t percent) { return Percent(percent * 100); }

  /// Hundredths of a percent: 10000 is everything.
  constexpr std::int32_t basis_points() const { return basis_points_; }
  constexpr bool is_whole() const { return basis_points_ % 100 == 0; }
  /// 0..1
  constexpr double fraction() const { return basis_points_ / 10000.0; }
  constexpr auto operator<=>(const Percent&) const = default;

 private:
  constexpr explicit Percent(std::int32_t basis_points) : basis_points_(basis_points) {}
  std::int32_t basis_points_ = 0;
};

inline constexpr Percent kNothing = Percent::whole(0);
inline constexpr Percent kEverything = Percent::whole(100);

/// "25%", "0.5%".
std::string format_percent(Percent percent);
/// Accepts "25", "25%", "0.5%"; the error says what to write instead.
tl::expected<Percent, std::string> parse_percent(std::string_view text);

}  // namespace seraphim::api
