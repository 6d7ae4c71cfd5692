// The part of metadata that controllers use, typed. managedFields and the rest are dropped at the codec.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace seraphim::kubernetes {

/// Names one object of a kind. `namespace_` is empty for kinds without namespaces.
struct ObjectKey {
  std::string namespace_{}, name{};
  auto operator<=>(const ObjectKey&) const = default;
};

/// "namespace/name", or "name".
std::string to_string(const ObjectKey& key);

/// The reference with controller=true: whose child an object is.
struct ControllerReference {
  std::string api_version{}, kind{}, name{}, uid{};
  bool operator==(const ControllerReference&) const = default;
};

struct ObjectMeta {
  ObjectKey key{};
  std::string uid{};
  std::string resource_version{};
  std::int64_t generation = 0;
  bool deleting = false;  ///< deletionTimestamp is set
  std::map<std::string, std::string> labels{}, annotations{};
  std::optional<ControllerReference> controller{};
  bool operator==(const ObjectMeta&) const = default;
};

/// Total: what is missing or of the wrong type is empty. `object` is the whole object, not its metadata.
ObjectMeta decode_meta(const nlohmann::json& object);

/// True when `left` is an older version than `right` of the same resource. Resource versions are compared as
/// decimal numbers within one resource only (KEP-5504); texts that are no numbers are never older.
bool is_older(const std::string& left, const std::string& right);

}  // namespace seraphim::kubernetes

template <>
struct std::hash<seraphim::kubernetes::ObjectKey> {
  std::size_t operator()(const seraphim::kubernetes::ObjectKey& key) const noexcept {
    return std::hash<std::string>{}(key.namespace_) * 1000003u ^ std::hash<std::string>{}(key.name);
  }
};
