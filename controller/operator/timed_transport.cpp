#include "operator/timed_transport.h"

#include <utility>

namespace seraphim::op {

kubernetes::Response TimedTransport::call(const kubernetes::Request& request,
                                          std::chrono::milliseconds timeout, std::stop_token stop) noexcept {
  const auto began = clock_.steady();
  auto response = inner_->call(request, timeout, std::move(stop));
  report_(response.status, clock_.steady() - began);
  return response;
}

kubernetes::CallStatus TimedTransport::stream(const kubernetes::Request& request, std::chrono::seconds idle,
                                              std::stop_token stop, kubernetes::LineSink& sink) noexcept {
  return inner_->stream(request, idle, std::move(stop), sink);
}

}  // namespace seraphim::op
