#include "kubernetes/transport.h"

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

}  // namespace seraphim::kubernetes
