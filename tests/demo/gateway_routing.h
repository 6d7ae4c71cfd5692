// How the platform's gateway chooses a variant, as pure functions. Each row of its observed behaviour is a
// test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace seraphim::demo {

enum class Variant { baseline, candidate };
const char* to_string(Variant variant);

/// CANARY_PERCENT as the gateway reads it: Python's float(); up to 1 a share, above 1 in percent; what is no
/// number is 0. May be below 0, above 1, infinite, or not a number.
double canary_share(std::string_view text);

/// 0..9999: the first two bytes of SHA-256 over "salt:key", big-endian, modulo 10000.
std::int32_t sticky_bucket(std::string_view salt, std::string_view key);

/// Bytes of a header read as latin-1 and written as UTF-8, as the gateway hashes them.
std::string latin1_to_utf8(std::string_view bytes);

struct RoutingHeaders {
  std::string forced{};  ///< X-Canary; other values than the known ones are ignored
  std::string user{};    ///< X-User-Id; empty: not sticky
};

/// `draw`: a random number in [0, 1). Nothing: the gateway fails with HTTP 500 (a share that is no finite
/// number and a sticky request).
std::optional<Variant> choose_variant(double share, const RoutingHeaders& headers, std::string_view salt,
                                      double draw);

}  // namespace seraphim::demo
