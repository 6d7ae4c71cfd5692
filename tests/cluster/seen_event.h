// events.k8s.io/v1 Event, as a watched kind of the tests.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::cluster {

struct SeenEvent {
  kubernetes::ObjectMeta meta{};
  std::string regarding{}, reason{}, note{};
  std::int64_t count = 1;
};

}  // namespace seraphim::cluster

template <>
struct seraphim::kubernetes::Resource<seraphim::cluster::SeenEvent> {
  static const ResourceType& type();
  static tl::expected<cluster::SeenEvent, std::string> decode(const nlohmann::json& object);
};
