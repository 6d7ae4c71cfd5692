#include "kubernetes/fenced_transport.h"

#include <utility>

namespace seraphim::kubernetes {

Response FencedTransport::call(const Request& request, std::chrono::milliseconds timeout,
                               std::stop_token stop) noexcept {
  if (request.method != "GET" && !may_write_()) {
    return {.status = {.error = TransportError::cancelled, .detail = "this process is not the leader"},
            .body = {}};
  }
  return transport_.call(request, timeout, std::move(stop));
}

CallStatus FencedTransport::stream(const Request& request, std::chrono::seconds idle, std::stop_token stop,
                                   LineSink& sink) noexcept {
  return transport_.stream(request, idle, std::move(stop), sink);
}

}  // namespace seraphim::kubernetes
