#include "cli/ask.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

namespace seraphim::cli {
namespace {

using kubernetes::Request;
using Transports = std::map<std::string, std::shared_ptr<kubernetes::Transport>>;

}  // namespace

Ask asker(const Surroundings& surroundings, std::chrono::milliseconds longest) {
  return [&surroundings, longest, transports = std::make_shared<Transports>()](const std::string& url,
                                                                               const Request& request) {
    auto& transport = (*transports)[url];
    if (!transport) transport = surroundings.transport_for(url);
    return transport->call(request, longest, {});
  };
}

std::string base_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string told(const std::string& url, const Request& request, const kubernetes::Response& response) {
  std::string text = request.method + " " + url + request.target + ": ";
  if (response.status.error == kubernetes::TransportError::none)
    return text + "HTTP " + std::to_string(response.status.http);
  text += std::string(to_string(response.status.error));
  return response.status.detail.empty() ? text : text + ": " + response.status.detail;
}

tl::expected<std::string, std::string> get_text(const Ask& ask, const std::string& url,
                                                const std::string& target) {
  const Request request{.target = target, .accept = "*/*"};
  const auto response = ask(url, request);
  if (response.ok() && response.status.http == 200) return response.body;
  return tl::unexpected(told(url, request, response));
}

tl::expected<nlohmann::json, std::string> get_value(const Ask& ask, const std::string& url,
                                                    const std::string& target) {
  using Value = tl::expected<nlohmann::json, std::string>;
  return get_text(ask, url, target).and_then([&](const std::string& body) -> Value {
    auto value = nlohmann::json::parse(body, nullptr, false);
    if (value.is_discarded())
      return tl::unexpected("GET " + url + target + ": HTTP 200, but the answer is not JSON");
    return value;
  });
}

}  // namespace seraphim::cli
