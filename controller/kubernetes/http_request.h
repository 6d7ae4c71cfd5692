// The head of an HTTP/1 request, as far as a server of a few pages needs it.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace seraphim::kubernetes {

struct HttpRequestHead {
  std::string method{};
  std::string path{};   ///< "/livez/watches", as it was sent: nothing is decoded
  std::string query{};  ///< what stands behind the '?'
  bool operator==(const HttpRequestHead&) const = default;
};

/// `head` is everything up to the blank line. Headers are not looked at. The error is the status to answer
/// with.
tl::expected<HttpRequestHead, int> parse_http_request(std::string_view head);

}  // namespace seraphim::kubernetes
