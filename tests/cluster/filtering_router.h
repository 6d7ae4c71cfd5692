// The cluster's second router, which applies filters of backendRefs: Contour and Envoy
// (hack/lib/filtering.sh).
#pragma once

#include <string>

namespace seraphim::cluster {

/// Runs for as long as it lives.
class FilteringRouter {
 public:
  /// Throws std::runtime_error with what hack/cluster says.
  FilteringRouter();
  ~FilteringRouter();
  FilteringRouter(const FilteringRouter&) = delete;

  const std::string& url() const { return url_; }  ///< where it takes requests
  /// Of the Gateway that routes attach to.
  const std::string& gateway_namespace() const { return gateway_namespace_; }
  const std::string& gateway() const { return gateway_; }

 private:
  std::string url_, gateway_namespace_, gateway_;
};

}  // namespace seraphim::cluster
