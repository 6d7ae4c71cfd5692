#include "kubernetes/watch_event.h"

#include <optional>
#include <utility>

#include "jsontext/jsontext.h"
#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;
using Type = WatchEvent::Type;

std::optional<Type> type_of(const json& event) {
  const std::string name = text_or(event, "type");
  if (name == "ADDED") return Type::added;
  if (name == "MODIFIED") return Type::modified;
  if (name == "DELETED") return Type::removed;
  if (name == "BOOKMARK") return Type::bookmark;
  if (name == "ERROR") return Type::error;
  return std::nullopt;
}

}  // namespace

tl::expected<WatchEvent, std::string> parse_watch_event(std::string_view line) {
  json event = jsontext::parse(line);
  if (!event.is_object()) return tl::unexpected<std::string>("a line that is not an object in JSON");
  const auto type = type_of(event);
  const auto object = event.find("object");
  if (!type || object == event.end() || !object->is_object()) {
    return tl::unexpected<std::string>("a line that is not a watch event");
  }
  WatchEvent result{.type = *type, .object = std::move(*object)};
  if (*type == Type::error) return result;
  const json& metadata = member(result.object, "metadata");
  result.resource_version = text_or(metadata, "resourceVersion");
  if (result.resource_version.empty())
    return tl::unexpected<std::string>("an event without a resourceVersion");
  result.end_of_initial_list = *type == Type::bookmark && text_or(member(metadata, "annotations"),
                                                                  "k8s.io/initial-events-end") == "true";
  return result;
}

}  // namespace seraphim::kubernetes
