#include "kubernetes/transport.h"

#include <algorithm>
#include <cctype>

namespace seraphim::kubernetes {

std::string_view to_string(TransportError error) {
  switch (error) {
    case TransportError::none:
      return "none";
    case TransportError::connect:
      return "connect";
    case TransportError::tls:
      return "tls";
    case TransportError::timeout:
      return "timeout";
    case TransportError::cancelled:
      return "cancelled";
    case TransportError::eof:
      return "eof";
    case TransportError::reset:
      return "reset";
    case TransportError::protocol:
      return "protocol";
    case TransportError::too_large:
      return "too_large";
    case TransportError::credentials:
      return "credentials";
  }
  return "unknown";
}

bool is_expressible(const Header& header) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto in_name = [](unsigned char c) {
    return std::isalnum(c) != 0 || kMarks.find(static_cast<char>(c)) != std::string_view::npos;
  };
  const auto in_value = [](unsigned char c) { return c == '\t' || (c >= ' ' && c < 0x7f); };
  return !header.name.empty() && std::ranges::all_of(header.name, in_name) &&
         std::ranges::all_of(header.value, in_value);
}

}  // namespace seraphim::kubernetes
