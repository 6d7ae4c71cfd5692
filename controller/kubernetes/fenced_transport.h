// A transport that lets writes through only while this process may write. A paused leader that wakes up after
// its lease was taken over finds the fence closed before its first write (runtime rule 18).
#pragma once

#include <functional>

#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

class FencedTransport final : public Transport {
 public:
  /// `may_write` is asked right before each call that is no GET; it must be thread-safe and quick.
  FencedTransport(Transport& transport, std::function<bool()> may_write)
      : transport_(transport), may_write_(std::move(may_write)) {}

  Response call(const Request& request, std::chrono::milliseconds timeout,
                std::stop_token stop) noexcept override;
  CallStatus stream(const Request& request, std::chrono::seconds idle, std::stop_token stop,
                    LineSink& sink) noexcept override;

 private:
  Transport& transport_;
  const std::function<bool()> may_write_;
};

}  // namespace seraphim::kubernetes
