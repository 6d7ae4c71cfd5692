// What the platform's own health_check.sh says when all is well.
#pragma once

#include <string>

namespace seraphim::cli::testing {

struct HealthAddresses {
  std::string grafana = "http://localhost:3000", prometheus = "http://localhost:9090",
              gateway = "http://localhost:8000";
};

/// `targets`: "4/4".
inline std::string all_good_health(const std::string& targets, const HealthAddresses& addresses) {
  return "🛡️  Project Seraphim Health Check\n"
         "==================================\n"
         "\n"
         "=== Docker Services ===\n"
         "✓ All Docker services running\n"
         "\n"
         "=== Service Endpoints ===\n"
         "✓ Gateway Health\n"
         "✓ TorchServe Inference  \n"
         "✓ TorchServe Management\n"
         "✓ Prometheus\n"
         "✓ Grafana\n"
         "\n"
         "=== Metrics Collection ===\n"
         "✓ Gateway metrics\n"
         "✓ Prometheus targets (" +
         targets +
         " healthy)\n"
         "\n"
         "=== Functional Tests ===\n"
         "✓ Inference endpoint\n"
         "\n"
         "🚀 Platform is ready for inference requests\n"
         "📊 Monitoring: " +
         addresses.grafana + "\n📈 Metrics: " + addresses.prometheus + "\n🔍 API: " + addresses.gateway + "\n";
}

}  // namespace seraphim::cli::testing
