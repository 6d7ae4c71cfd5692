#include "kubernetes/object_meta.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;

std::optional<ControllerReference> controller_of(const json& metadata) {
  for (const json& reference : elements(metadata, "ownerReferences")) {
    if (!bool_or(reference, "controller", false)) continue;
    return ControllerReference{text_or(reference, "apiVersion"), text_or(reference, "kind"),
                               text_or(reference, "name"), text_or(reference, "uid")};
  }
  return std::nullopt;
}

/// Without leading zeros; nothing when it is no decimal number.
std::optional<std::string_view> digits(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  return text;
}

}  // namespace

std::string to_string(const ObjectKey& key) {
  return key.namespace_.empty() ? key.name : key.namespace_ + "/" + key.name;
}

ObjectMeta decode_meta(const json& object) {
  const json& metadata = member(object, "metadata");
  return {
      .key = {text_or(metadata, "namespace"), text_or(metadata, "name")},
      .uid = text_or(metadata, "uid"),
      .resource_version = text_or(metadata, "resourceVersion"),
      .generation = int64_or(metadata, "generation", 0),
      .deleting = member(metadata, "deletionTimestamp").is_string(),
      .labels = text_map(metadata, "labels"),
      .annotations = text_map(metadata, "annotations"),
      .controller = controller_of(metadata),
  };
}

bool is_older(const std::string& left, const std::string& right) {
  const auto a = digits(left), b = digits(right);
  if (!a || !b) return false;
  return a->size() != b->size() ? a->size() < b->size()
                                : *a < *b;  // of any length, so that nothing overflows
}

}  // namespace seraphim::kubernetes
