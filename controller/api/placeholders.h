// What stands in braces in a user's PromQL, filled in before the question is asked.
//
//   http_requests_total{namespace="{{namespace}}",revision="{{revision}}",code=~"2.."}
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace seraphim::api {

/// `revision` is the side that is asked about (of a value metric: the candidate). The versions are those of
/// workload.torchServe, empty for pods.
inline constexpr std::array<std::string_view, 7> kPlaceholders{
    "namespace", "name", "revision", "stable", "candidate", "stableVersion", "candidateVersion"};

/// The first thing in double braces that is no placeholder, or that is not closed.
std::optional<std::string> unknown_placeholder(std::string_view text);
bool uses_placeholder(std::string_view text, std::string_view name);
/// What `values` does not name stays as it is.
std::string fill_placeholders(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace seraphim::api
