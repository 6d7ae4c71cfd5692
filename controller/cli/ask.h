// Asking the platform's servers: by base URL, with answers that a sentence can be made of.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>

#include "cli/surroundings.h"

namespace seraphim::cli {

/// Asks the server with this base URL.
using Ask = std::function<kubernetes::Response(const std::string& url, const kubernetes::Request& request)>;

/// Waits for each answer at most `longest`. Requests to one URL share a connection while it is kept alive,
/// so that they reach the same process behind a Service. Refers to the surroundings.
Ask asker(const Surroundings& surroundings, std::chrono::milliseconds longest);

/// The URL without slashes at its end.
std::string base_url(std::string url);

/// "GET http://localhost:8000/healthz: HTTP 404", or how the exchange failed.
std::string told(const std::string& url, const kubernetes::Request& request,
                 const kubernetes::Response& response);

/// The body of a 200; the error is why there is none.
tl::expected<std::string, std::string> get_text(const Ask& ask, const std::string& url,
                                                const std::string& target);
/// The same, as JSON.
tl::expected<nlohmann::json, std::string> get_value(const Ask& ask, const std::string& url,
                                                    const std::string& target);

}  // namespace seraphim::cli
