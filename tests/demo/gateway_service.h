// What the platform's gateway answers, free of any HTTP library. Its environment is asked at each request.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gateway_metrics.h"
#include "gateway_routing.h"
#include "model_service.h"

namespace seraphim::demo {

/// A variable, or nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

struct BackendAnswer {
  enum class Kind { answered, timed_out, failed } kind = Kind::failed;
  int status = 0;
  std::string content_type{}, body{};
};

/// Sends one request to a URL: POST with a text/plain body, or GET without one.
class GatewayBackend {
 public:
  virtual ~GatewayBackend() = default;
  virtual BackendAnswer post(const std::string& url, const std::string& text,
                             std::chrono::milliseconds timeout) = 0;
  virtual BackendAnswer get(const std::string& url, std::chrono::milliseconds timeout) = 0;
};

/// All methods may be called from any thread.
class GatewayService {
 public:
  /// `draw`: random numbers in [0, 1).
  GatewayService(Environment environment, GatewayBackend& backend, std::function<double()> draw);

  /// The names of the headers that /predict looks at.
  std::string force_header() const { return variable("CANARY_FORCE_HEADER", "X-Canary"); }
  std::string sticky_header() const { return variable("CANARY_STICKY_HEADER", "X-User-Id"); }

  /// POST /predict: 200 also when the backend failed (then with a made-up prediction), 422 for a bad body,
  /// 500 where the gateway's own code fails.
  Answer predict(std::string_view body, const RoutingHeaders& headers);
  Answer health() const;  ///< GET /healthz: always 200
  Answer ready();         ///< GET /readyz: whether the TorchServe of TS_URL answers
  Answer config() const;  ///< GET /observability/config: the variables as they are
  /// POST /observability/log-level?level=...
  Answer set_log_level(const std::optional<std::string>& level);
  std::string metrics() const { return metrics_.text(); }

 private:
  struct Model {
    std::string url, name, version;
  };

  std::string variable(const char* name, const std::string& otherwise) const;
  Model model_of(Variant variant) const;
  std::chrono::milliseconds timeout() const;

  const Environment environment_;
  GatewayBackend& backend_;
  const std::function<double()> draw_;
  GatewayMetrics metrics_;
  mutable std::mutex mutex_;
  std::string log_level_;
};

/// As in the platform: 1 to 10000 characters under "text"; nothing when the body is not that.
std::optional<std::string> prediction_text(std::string_view body);

}  // namespace seraphim::demo
