// Chance, from one seed. Each part of the world has a stream of its own, so that leaving out one fault does
// not change what the others see: that is what makes a failing schedule easy to shorten.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace seraphim::simulation {

using Seed = std::uint64_t;

/// SplitMix64: small, quick, and the same on every machine. For one thread.
class Chance {
 public:
  /// The stream `name` of a seed.
  Chance(Seed seed, std::string_view name) : state_(seed * 0x9E3779B97F4A7C15u + 0x632BE59BD9B4E019u) {
    for (const char c : name) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool one_in(int times) { return next() % static_cast<std::uint64_t>(times) == 0; }
  /// Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  std::chrono::milliseconds between(std::chrono::milliseconds low, std::chrono::milliseconds high) {
    return std::chrono::milliseconds(between(low.count(), high.count()));
  }
  /// How many of `trials` happen when each does with probability `p`; a normal approximation where many do.
  std::int64_t binomial(std::int64_t trials, double p);

 private:
  std::uint64_t state_;
};

}  // namespace seraphim::simulation
