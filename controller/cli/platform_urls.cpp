#include "cli/platform_urls.h"

#include <CLI/CLI.hpp>

namespace seraphim::cli {
namespace {

void add_url(CLI::App& command, const std::string& names, const char* variable, std::string& value,
             const char* meaning) {
  command.add_option(names, value, meaning)->envname(variable)->capture_default_str()->type_name("URL");
}

}  // namespace

void add_gateway_url(CLI::App& command, PlatformUrls& urls) {
  add_url(command, "--gateway-url", "SERAPHIM_GATEWAY_URL", urls.gateway,
          "The gateway; one pod of it, to prove the prediction");
}

void add_inference_url(CLI::App& command, PlatformUrls& urls, const std::string& names) {
  add_url(command, names, "SERAPHIM_INFERENCE_URL", urls.inference, "TorchServe, inference");
}

void add_platform_urls(CLI::App& command, PlatformUrls& urls) {
  add_gateway_url(command, urls);
  add_inference_url(command, urls);
  add_url(command, "--management-url", "SERAPHIM_MANAGEMENT_URL", urls.management, "TorchServe, management");
  add_url(command, "--prometheus-url", "SERAPHIM_PROMETHEUS_URL", urls.prometheus, "Prometheus");
  add_url(command, "--grafana-url", "SERAPHIM_GRAFANA_URL", urls.grafana, "Grafana");
}

}  // namespace seraphim::cli
