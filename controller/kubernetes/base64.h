// Base64 as kubeconfig files and Secrets carry it (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seraphim::kubernetes {

/// White space is skipped; anything else outside the alphabet, or wrong padding, is no result.
std::optional<std::string> decode_base64(std::string_view text);

/// On one line, padded.
std::string encode_base64(std::string_view bytes);

}  // namespace seraphim::kubernetes
