#include "cli/freeze_object.h"

#include <nlohmann/json.hpp>

#include "api/quote.h"
#include "api/seraphim_deployment.h"
#include "kubernetes/json_read.h"

namespace seraphim::cli {
namespace {

using nlohmann::json;

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

tl::expected<std::string, std::string> time_text(const std::string& text, const char* option) {
  const auto time = api::parse_time(text);
  if (!time) return tl::unexpected(std::string(option) + ": " + time.error());
  return api::format_time(*time);
}

}  // namespace

const kubernetes::ResourceType& freeze_type() {
  static const kubernetes::ResourceType type{api::kGroup, api::kVersion, "seraphimfreezes", "SeraphimFreeze"};
  return type;
}

tl::expected<json, std::string> freeze_object(const FreezeWish& wish, api::Time now) {
  if (is_blank(wish.reason))
    return tl::unexpected(std::string("--reason: write why nothing new may be rolled out"));
  if (is_blank(wish.who)) return tl::unexpected(std::string("--who: write who decided it, and can be asked"));
  if (!wish.until.empty() && !wish.lasts.empty())
    return tl::unexpected(std::string("--until and --for both say when it ends; write one of them"));
  json spec = {{"reason", wish.reason}, {"who", wish.who}};
  if (!wish.from.empty()) {
    const auto from = time_text(wish.from, "--from");
    if (!from) return tl::unexpected(from.error());
    spec["from"] = *from;
  }
  if (!wish.until.empty()) {
    const auto until = time_text(wish.until, "--until");
    if (!until) return tl::unexpected(until.error());
    if (*api::parse_time(*until) <= now)
      return tl::unexpected("--until " + *until + " is over already; write a time to come");
    spec["until"] = *until;
  }
  if (!wish.lasts.empty()) {
    const auto lasts = api::parse_duration(wish.lasts);
    if (!lasts) return tl::unexpected("--for: " + lasts.error());
    const api::Time begin = wish.from.empty() ? now : *api::parse_time(wish.from);
    spec["until"] = api::format_time(std::chrono::ceil<std::chrono::seconds>(begin + *lasts));
  }
  for (const auto& label : wish.labels) {
    const auto equals = label.find('=');
    if (equals == 0 || equals == std::string::npos)
      return tl::unexpected("--selector " + api::quote(label) + " is no label; write key=value");
    spec["selector"]["matchLabels"][label.substr(0, equals)] = label.substr(equals + 1);
  }
  return json{{"apiVersion", api::kApiVersion},
              {"kind", freeze_type().kind},
              {"metadata", {{"name", wish.name}, {"namespace", wish.namespace_}}},
              {"spec", spec}};
}

std::string freeze_sentence(const json& freeze) {
  const json& spec = kubernetes::member(freeze, "spec");
  const std::string from = kubernetes::text_or(spec, "from"), until = kubernetes::text_or(spec, "until");
  return "frozen by " + kubernetes::text_or(spec, "who") + (from.empty() ? "" : " from " + from) +
         (until.empty() ? " until it is unfrozen" : " until " + until) + ": " +
         kubernetes::text_or(spec, "reason");
}

}  // namespace seraphim::cli
