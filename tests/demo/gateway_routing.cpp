#include "gateway_routing.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>

namespace seraphim::demo {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::optional<Variant> forced_variant(const std::string& header) {
  const std::string word = lower_case(header);
  if (word == "candidate" || word == "canary" || word == "v2") return Variant::candidate;
  if (word == "baseline" || word == "control" || word == "v1") return Variant::baseline;
  return std::nullopt;
}

}  // namespace

const char* to_string(Variant variant) {
  return variant == Variant::candidate ? "candidate" : "baseline";
}

double canary_share(std::string_view text) {
  static const std::regex kFloat(
      R"(\s*([+-]?)((?:\d+(?:_\d+)*)?\.?(?:\d+(?:_\d+)*)?(?:[eE][+-]?\d+(?:_\d+)*)?|inf|infinity|nan)\s*)",
      std::regex::icase);
  const std::string whole(text);
  std::smatch parts;
  if (!std::regex_match(whole, parts, kFloat)) return 0;
  std::string number = parts[2];
  number.erase(std::remove(number.begin(), number.end(), '_'), number.end());
  const bool spoken = !number.empty() && std::isalpha(static_cast<unsigned char>(number[0])) != 0;
  const auto mantissa = number.substr(0, number.find_first_of("eE"));
  if (!spoken && mantissa.find_first_of("0123456789") == std::string::npos) return 0;
  const double value = std::strtod((std::string(parts[1]) + number).c_str(), nullptr);
  return value <= 1.0 || std::isnan(value) ? value : value / 100;
}

std::int32_t sticky_bucket(std::string_view salt, std::string_view key) {
  const std::string text = std::string(salt) + ":" + std::string(key);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return (digest[0] * 256 + digest[1]) % 10'000;
}

std::string latin1_to_utf8(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | (byte >> 6));
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

std::optional<Variant> choose_variant(double share, const RoutingHeaders& headers, std::string_view salt,
                                      double draw) {
  if (const auto forced = forced_variant(headers.forced)) return forced;
  if (headers.user.empty()) return draw < share ? Variant::candidate : Variant::baseline;
  if (!std::isfinite(share)) return std::nullopt;  // int() raises
  // Truncated, so that 57 % takes in buckets below 5699 only.
  const double bound = std::trunc(share * 10'000);
  return sticky_bucket(salt, latin1_to_utf8(headers.user)) < bound ? Variant::candidate : Variant::baseline;
}

}  // namespace seraphim::demo
