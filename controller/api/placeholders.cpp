#include "api/placeholders.h"

#include <algorithm>

namespace seraphim::api {
namespace {

constexpr std::string_view kOpen = "{{", kClose = "}}";

/// Calls `name_found(name, start, end)` for everything in double braces; an unclosed one goes to the text's
/// end.
template <typename Found>
void each_placeholder(std::string_view text, Found name_found) {
  for (auto start = text.find(kOpen); start != std::string_view::npos;) {
    const auto name_at = start + kOpen.size();
    const auto close = text.find(kClose, name_at);
    const auto end = close == std::string_view::npos ? text.size() : close + kClose.size();
    name_found(text.substr(name_at, std::min(close, text.size()) - name_at), start, end);
    start = text.find(kOpen, end);
  }
}

}  // namespace

std::optional<std::string> unknown_placeholder(std::string_view text) {
  std::optional<std::string> unknown;
  each_placeholder(text, [&](std::string_view name, std::size_t start, std::size_t end) {
    const bool closed = text.substr(start, end - start).ends_with(kClose);
    const bool known =
        std::find(std::begin(kPlaceholders), std::end(kPlaceholders), name) != std::end(kPlaceholders);
    if (!unknown && (!known || !closed)) unknown = std::string(text.substr(start, end - start));
  });
  return unknown;
}

bool uses_placeholder(std::string_view text, std::string_view name) {
  bool uses = false;
  each_placeholder(text,
                   [&](std::string_view found, std::size_t, std::size_t) { uses = uses || found == name; });
  return uses;
}

std::string fill_placeholders(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string filled;
  std::size_t copied = 0;
  each_placeholder(text, [&](std::string_view name, std::size_t start, std::size_t end) {
    const auto value = values.find(std::string(name));
    if (value == values.end()) return;
    filled += text.substr(copied, start - copied);
    filled += value->second;
    copied = end;
  });
  return filled += text.substr(copied);
}

}  // namespace seraphim::api
