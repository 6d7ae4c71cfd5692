// The custom resource SeraphimFreeze.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "api/ascii.h"
#include "api/codec_parts.h"
#include "api/freeze_codec.h"
#include "api/lenient.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t kMostWindows = 20;
constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// "22:30"
bool is_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return false;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (!is_digit(text[i])) return false;
  }
  return text.substr(0, 2) <= "23" && text[3] <= '5';
}

minutes time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] - '0'; };
  return hours(10 * digit(0) + digit(1)) + minutes(10 * digit(3) + digit(4));
}

bool has_words(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") != std::string_view::npos;
}

bool is_zone_name(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_/";
  return !text.empty() && text.size() <= 64 && text.front() != '/' &&
         text.find_first_not_of(kLetters) == std::string_view::npos;
}

bool is_time(std::string_view text) {
  return parse_time(text).has_value();
}

void read_time_of_day(const Fields& fields, std::string_view name, minutes& into) {
  constexpr std::string_view kInstead = "hours and minutes such as \"22:30\"";
  std::string text;
  if (fields.require(name, kInstead) == nullptr) return;
  fields.read(name, text, is_time_of_day, kInstead);
  if (!text.empty()) into = time_of_day(text);
}

void read_time(const Fields& fields, std::string_view name, std::optional<Time>& into) {
  std::string text;
  fields.read(name, text, is_time, "a time such as \"2026-12-24T18:00:00+01:00\"");
  if (!text.empty()) into = *parse_time(text);
}

void read_text(const Fields& fields, std::string_view name, std::string& into, std::string_view instead) {
  if (fields.require(name, instead) != nullptr) fields.read(name, into, has_words, instead);
}

std::bitset<7> read_days(const json* list, const std::string& path, Problems& problems) {
  std::bitset<7> days;
  if (list == nullptr) return days.set();
  bool wrong = !list->is_array() || list->empty();
  for (const json& day : wrong ? json::array() : *list) {
    const auto known = std::find(kDays.begin(), kDays.end(), day.is_string() ? day.get<std::string>() : "");
    if (known == kDays.end()) {
      wrong = true;
    } else {
      days.set(static_cast<std::size_t>(known - kDays.begin()));
    }
  }
  if (wrong) {
    problems.add(path, describe(*list) +
                           " cannot be used; write a list of Mon, Tue, Wed, Thu, Fri, Sat and "
                           "Sun, or leave it out for every day");
  }
  return days;
}

FreezeWindow read_window(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"days", "start", "end"}, problems);
  FreezeWindow window;
  window.days = read_days(fields.find("days"), fields.path("days"), problems);
  read_time_of_day(fields, "start", window.start);
  read_time_of_day(fields, "end", window.end);
  return window;
}

std::vector<FreezeWindow> read_windows(const json& list, const std::string& path, Problems& problems) {
  if (!list.is_array() || list.size() > kMostWindows) {
    problems.add(path, describe(list) + " cannot be used; write a list of at most " +
                           std::to_string(kMostWindows) +
                           R"( such as [{days: [Sat, Sun], start: "08:00", end: "20:00"}])");
    return {};
  }
  std::vector<FreezeWindow> windows;
  for (std::size_t i = 0; i < list.size(); ++i) {
    windows.push_back(read_window(list[i], path + "[" + std::to_string(i) + "]", problems));
  }
  return windows;
}

FreezeSpec read_freeze_spec(const json& value, Problems& problems) {
  const Fields fields(value, "spec", {"reason", "who", "selector", "from", "until", "timeZone", "windows"},
                      problems);
  FreezeSpec spec;
  read_text(fields, "reason", spec.reason, "why nothing new may be rolled out");
  read_text(fields, "who", spec.who, "who decided it, and can be asked");
  if (const json* selector = fields.find("selector")) {
    spec.selector = read_selector(*selector, fields.path("selector"), problems);
  }
  read_time(fields, "from", spec.from);
  read_time(fields, "until", spec.until);
  if (spec.from && spec.until && *spec.from >= *spec.until) {
    problems.add(fields.path("until"),
                 "it would never be in force; write a time after " + format_time(*spec.from));
  }
  fields.read("timeZone", spec.time_zone, is_zone_name, "the IANA name of a time zone such as Europe/Berlin");
  if (const json* windows = fields.find("windows")) {
    spec.windows = read_windows(*windows, fields.path("windows"), problems);
  }
  return spec;
}

}  // namespace

SeraphimFreeze decode_freeze(const json& object) {
  SeraphimFreeze freeze;
  Problems problems;
  const json& metadata = lenient::member(object, "metadata");
  freeze.name = lenient::text(metadata, "name");
  freeze.namespace_ = lenient::text(metadata, "namespace");
  freeze.uid = lenient::text(metadata, "uid");
  freeze.resource_version = lenient::text(metadata, "resourceVersion");
  freeze.generation = lenient::integer(metadata, "generation");
  const json& spec = lenient::member(object, "spec");
  if (spec.is_null()) {
    problems.add("spec", "missing; write reason and who");
  } else {
    freeze.spec = read_freeze_spec(spec, problems);
  }
  freeze.status = decode_freeze_status(lenient::member(object, "status"));
  freeze.problems = std::move(problems).take();
  return freeze;
}

json encode_freeze_status(const FreezeStatus& status) {
  json object = {{"observedGeneration", status.observed_generation},
                 {"active", status.active},
                 {"affected", status.affected}};
  if (status.next_change) object["nextChange"] = format_time(*status.next_change);
  if (!status.conditions.empty()) object["conditions"] = encode_conditions(status.conditions);
  return object;
}

FreezeStatus decode_freeze_status(const json& value) {
  FreezeStatus status;
  status.observed_generation = lenient::integer(value, "observedGeneration");
  const json& active = lenient::member(value, "active");
  status.active = active.is_boolean() && active.get<bool>();
  status.next_change = lenient::time(value, "nextChange");
  status.affected = lenient::small_integer(value, "affected");
  status.conditions = decode_conditions(lenient::member(value, "conditions"));
  return status;
}

}  // namespace seraphim::api
