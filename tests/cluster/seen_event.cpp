#include "seen_event.h"

#include <nlohmann/json.hpp>

#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {

const ResourceType& Resource<cluster::SeenEvent>::type() {
  static const ResourceType type{"events.k8s.io", "v1", "events", "Event"};
  return type;
}

tl::expected<cluster::SeenEvent, std::string> Resource<cluster::SeenEvent>::decode(
    const nlohmann::json& object) {
  return cluster::SeenEvent{.meta = decode_meta(object),
                            .regarding = text_or(member(object, "regarding"), "name"),
                            .reason = text_or(object, "reason"),
                            .note = text_or(object, "note"),
                            .count = int64_or(member(object, "series"), "count", 1)};
}

}  // namespace seraphim::kubernetes
