// What an Event says.
#pragma once

#include <cstdint>
#include <string>

#include "kubernetes/object_meta.h"

namespace seraphim::kubernetes {

struct ObjectReference {
  std::string api_version{}, kind{}, uid{}, resource_version{};
  ObjectKey key{};
};

struct EventNote {
  enum class Type { normal, warning } type = Type::normal;
  ObjectReference regarding{};
  std::string reason{};         ///< UpperCamelCase
  std::string action{};         ///< UpperCamelCase
  std::string note{};           ///< cut at 1024 bytes, at a code point
  std::string discriminator{};  ///< what makes this one another than the last one with the same reason
};

/// How often something was seen, and when for the last time.
struct EventSeries {
  std::uint64_t count = 1;
  std::string last{};  ///< MicroTime
  bool operator==(const EventSeries&) const = default;
};

}  // namespace seraphim::kubernetes
