#include "kubernetes/http_request.h"

#include <algorithm>

namespace seraphim::kubernetes {
namespace {

constexpr int kBadRequest = 400, kVersionNotSupported = 505;

bool is_method(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_target(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

tl::expected<HttpRequestHead, int> parse_http_request(std::string_view head) {
  std::string_view line = head.substr(0, head.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return tl::unexpected(kBadRequest);
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_method(method) || !version.starts_with("HTTP/")) return tl::unexpected(kBadRequest);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return tl::unexpected(kVersionNotSupported);
  if (!is_target(target)) return tl::unexpected(kBadRequest);
  const auto question = target.find('?');
  HttpRequestHead request{.method = std::string(method), .path = std::string(target.substr(0, question))};
  if (question != std::string_view::npos) request.query = std::string(target.substr(question + 1));
  return request;
}

}  // namespace seraphim::kubernetes
