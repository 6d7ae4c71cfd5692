// The kind that the tests of the generic parts watch: a ConfigMap with one value.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <tl/expected.hpp>

#include "kubernetes/resource_type.h"

namespace seraphim::kubernetes::testing {

struct Note {
  ObjectMeta meta{};
  std::string value{};
};

}  // namespace seraphim::kubernetes::testing

template <>
struct seraphim::kubernetes::Resource<seraphim::kubernetes::testing::Note> {
  static const ResourceType& type() {
    static const ResourceType instance{.version = "v1", .plural = "configmaps", .kind = "ConfigMap"};
    return instance;
  }
  static tl::expected<testing::Note, std::string> decode(const nlohmann::json& object) {
    if (object.contains("broken")) return tl::unexpected<std::string>("it is broken");
    return testing::Note{decode_meta(object),
                         object.value(nlohmann::json::json_pointer("/data/value"), std::string())};
  }
};

namespace seraphim::kubernetes::testing {

inline Note note(const std::string& name, const std::string& uid, int version,
                 const std::string& value = {}) {
  return {.meta = {.key = {"default", name}, .uid = uid, .resource_version = std::to_string(version)},
          .value = value};
}

inline nlohmann::json note_json(const std::string& name, int version, const std::string& value = {},
                                const std::string& uid = {}) {
  return {{"kind", "ConfigMap"},
          {"metadata",
           {{"namespace", "default"},
            {"name", name},
            {"uid", uid.empty() ? "uid-of-" + name : uid},
            {"resourceVersion", std::to_string(version)}}},
          {"data", {{"value", value}}}};
}

/// One line of a watch.
inline std::string event(const std::string& type, const nlohmann::json& object) {
  return nlohmann::json{{"type", type}, {"object", object}}.dump();
}
inline std::string bookmark(int version) {
  return event("BOOKMARK",
               {{"kind", "ConfigMap"}, {"metadata", {{"resourceVersion", std::to_string(version)}}}});
}
inline std::string initial_events_end(int version) {
  return event("BOOKMARK", {{"kind", "ConfigMap"},
                            {"metadata",
                             {{"resourceVersion", std::to_string(version)},
                              {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}});
}
inline std::string error_event(int code, const std::string& reason, const nlohmann::json& details = {}) {
  return event("ERROR", {{"kind", "Status"},
                         {"status", "Failure"},
                         {"code", code},
                         {"reason", reason},
                         {"message", "scripted"},
                         {"details", details}});
}

}  // namespace seraphim::kubernetes::testing
