// /livez and /readyz: named checks, and an answer that says which of them failed, as the API server's does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "operator/http_server.h"

namespace seraphim::op {

/// Why a check fails, in a sentence; nothing when all is well.
using Failure = std::optional<std::string>;

struct HealthCheck {
  std::string name;
  std::function<Failure()> failure;  ///< called from several threads
};

/// A page such as "livez". 200 with "ok" while all checks pass; else 503 with a line for each check. The
/// lines also come with ?verbose, and /livez/NAME asks one check alone.
class HealthPage {
 public:
  HealthPage(std::string name, std::vector<HealthCheck> checks)
      : name_(std::move(name)), checks_(std::move(checks)) {}

  HttpAnswer answer(const HttpQuestion& question) const;

 private:
  std::string name_;
  std::vector<HealthCheck> checks_;
};

}  // namespace seraphim::op
