// Where the platform is, as seen from who asks: flags, variables of the environment, and what is usual.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace seraphim::cli {

struct PlatformUrls {
  std::string gateway = "http://localhost:8000", inference = "http://localhost:8080",
              management = "http://localhost:8081", prometheus = "http://localhost:9090",
              grafana = "http://localhost:3000";
};

/// --gateway-url, else SERAPHIM_GATEWAY_URL.
void add_gateway_url(CLI::App& command, PlatformUrls& urls);
/// --inference-url, else SERAPHIM_INFERENCE_URL. `names`: the flags, where there are others.
void add_inference_url(CLI::App& command, PlatformUrls& urls, const std::string& names = "--inference-url");
/// All five of them.
void add_platform_urls(CLI::App& command, PlatformUrls& urls);

}  // namespace seraphim::cli
