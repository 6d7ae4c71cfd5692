#include "kubernetes/api_status.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = 1000;

/// For logs and Events: no line breaks, no novel.
std::string one_line(std::string text) {
  if (text.size() > kLongestMessage) {
    std::size_t end = kLongestMessage;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;  // not inside a code point
    text.resize(end);
    text += "...";
  }
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

bool is_version_too_large(const json& cause) {
  return text_or(cause, "reason") == "ResourceVersionTooLarge";
}

}  // namespace

ApiStatus decode_api_status(const json& object) {
  if (text_or(object, "kind") != "Status") return {};
  const json& details = member(object, "details");
  ApiStatus status{
      .code = int32_or(object, "code", 0),
      .reason = text_or(object, "reason"),
      .message = one_line(text_or(object, "message")),
      .names_causes = !elements(details, "causes").empty(),
      .version_too_large = std::ranges::any_of(elements(details, "causes"), is_version_too_large)};
  if (const int seconds = int32_or(details, "retryAfterSeconds", 0); seconds > 0) {
    status.retry_after = std::chrono::seconds(seconds);
  }
  return status;
}

ApiStatus parse_api_status(std::string_view body) {
  return decode_api_status(json::parse(body, nullptr, false));
}

}  // namespace seraphim::kubernetes
