// A transport that says how each call went and how long it took.
#pragma once

#include <functional>
#include <memory>

#include "kubernetes/clock.h"
#include "kubernetes/transport.h"

namespace seraphim::op {

/// Thread-safe when `report` is. Streams are handed through untold.
class TimedTransport final : public kubernetes::Transport {
 public:
  using Report = std::function<void(const kubernetes::CallStatus&, std::chrono::nanoseconds took)>;

  TimedTransport(std::unique_ptr<kubernetes::Transport> inner, const kubernetes::Clock& clock, Report report)
      : inner_(std::move(inner)), clock_(clock), report_(std::move(report)) {}

  kubernetes::Response call(const kubernetes::Request& request, std::chrono::milliseconds timeout,
                            std::stop_token stop) noexcept override;
  kubernetes::CallStatus stream(const kubernetes::Request& request, std::chrono::seconds idle,
                                std::stop_token stop, kubernetes::LineSink& sink) noexcept override;

 private:
  const std::unique_ptr<kubernetes::Transport> inner_;
  const kubernetes::Clock& clock_;
  const Report report_;
};

}  // namespace seraphim::op
