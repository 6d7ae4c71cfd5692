#include "kubernetes/event_codec.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {

using nlohmann::json;

namespace {

constexpr std::size_t kNoteLimit = 1024;
constexpr std::size_t kWordLimit = 128;  // reason, action, reportingInstance
constexpr std::size_t kNameLimit = 253;  // a DNS subdomain
constexpr std::size_t kHashDigits = 16;

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u;
}

/// The length of the valid UTF-8 sequence that `text` starts with (RFC 3629), or 0.
std::size_t sequence_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  // Overlong forms, surrogates, and what is above U+10FFFF.
  const unsigned char second = at(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return length;
}

/// FNV-1a, 64 bits: stable between versions and machines, which std::hash is not.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char byte : text) add_byte(static_cast<unsigned char>(byte));
    add_byte(0);  // so that "ab","c" is not "a","bc"
  }
  std::string hex() const {
    std::array<char, kHashDigits + 1> text{};
    (void)std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value_));
    return text.data();
  }

 private:
  void add_byte(unsigned char byte) {
    value_ ^= byte;
    value_ *= 0x100000001b3u;
  }

  std::uint64_t value_ = 0xcbf29ce484222325u;
};

std::string_view type_name(EventNote::Type type) {
  return type == EventNote::Type::warning ? "Warning" : "Normal";
}

json encode_reference(const ObjectReference& reference) {
  json object = {
      {"apiVersion", reference.api_version}, {"kind", reference.kind}, {"name", reference.key.name}};
  const auto put = [&](const char* field, const std::string& value) {
    if (!value.empty()) object[field] = value;
  };
  put("namespace", reference.key.namespace_);
  put("uid", reference.uid);
  put("resourceVersion", reference.resource_version);
  return object;
}

json encode_series(const EventSeries& series) {
  const std::uint64_t most = std::numeric_limits<std::int32_t>::max();
  return {{"count", std::min(series.count, most)}, {"lastObservedTime", series.last}};
}

}  // namespace

const ResourceType& event_type() {
  static const ResourceType type{
      .group = "events.k8s.io", .version = "v1", .plural = "events", .kind = "Event", .namespaced = true};
  return type;
}

std::string clean_utf8(std::string_view text, std::size_t bytes) {
  std::string clean;
  clean.reserve(std::min(text.size(), bytes));
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const std::size_t step = std::max<std::size_t>(length, 1);
    if (clean.size() + step > bytes) break;
    clean += length == 0 ? std::string_view("?") : text.substr(0, length);
    text.remove_prefix(step);
  }
  return clean;
}

EventNote acceptable(EventNote note) {
  note.note = clean_utf8(note.note, kNoteLimit);
  note.reason = clean_utf8(note.reason, kWordLimit);
  note.action = clean_utf8(note.action.empty() ? note.reason : note.action, kWordLimit);
  return note;
}

EventReporter acceptable(EventReporter reporter) {
  if (reporter.instance.empty()) reporter.instance = reporter.controller;
  reporter.instance = clean_utf8(reporter.instance, kWordLimit);
  return reporter;
}

ObjectKey event_key(const EventNote& note) {
  Fingerprint fingerprint;
  for (const std::string* part : {&note.regarding.uid, &note.reason, &note.action, &note.discriminator}) {
    fingerprint.add(*part);
  }
  std::string name = note.regarding.key.name.substr(0, kNameLimit - kHashDigits - 1);
  while (!name.empty() && (name.back() == '.' || name.back() == '-')) name.pop_back();
  const std::string& home = note.regarding.key.namespace_;
  return {.namespace_ = home.empty() ? "default" : home, .name = name + "." + fingerprint.hex()};
}

json encode_event(const EventNote& note, const ObjectKey& key, const std::string& event_time,
                  const EventSeries& series, const EventReporter& reporter) {
  json event = {{"apiVersion", event_type().api_version()},
                {"kind", event_type().kind},
                {"metadata", {{"name", key.name}, {"namespace", key.namespace_}}},
                {"eventTime", event_time},
                {"reportingController", reporter.controller},
                {"reportingInstance", reporter.instance},
                {"action", note.action},
                {"reason", note.reason},
                {"type", type_name(note.type)},
                {"note", note.note},
                {"regarding", encode_reference(note.regarding)}};
  if (series.count > 1) event["series"] = encode_series(series);
  return event;
}

json series_patch(const EventSeries& series, const std::string& resource_version) {
  return {{"metadata", {{"resourceVersion", resource_version}}}, {"series", encode_series(series)}};
}

EventSeries decode_series(const json& event) {
  const json& series = member(event, "series");
  if (!series.is_object()) return {.count = 1, .last = text_or(event, "eventTime")};
  const auto count = std::max<std::int64_t>(int64_or(series, "count", 1), 1);
  return {.count = static_cast<std::uint64_t>(count), .last = text_or(series, "lastObservedTime")};
}

}  // namespace seraphim::kubernetes
