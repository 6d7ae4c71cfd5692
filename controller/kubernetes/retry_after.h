// The Retry-After header (RFC 9110, 10.2.3): seconds, or a date. Pure; the caller says what time it is.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace seraphim::kubernetes {

/// "Sun, 06 Nov 1994 08:49:37 GMT"; the two obsolete forms of HTTP dates are not read.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

/// The delay the header asks for, never negative; nothing when the text is neither form.
/// `now` should be the server's own Date header, so that a skewed local clock does not matter.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           std::chrono::sys_seconds now);

}  // namespace seraphim::kubernetes
