#include "kubernetes/resource_type.h"

namespace seraphim::kubernetes {

std::string ResourceType::api_version() const {
  return group.empty() ? version : group + "/" + version;
}

std::string collection_path(const ResourceType& type, std::string_view namespace_) {
  std::string path = (type.group.empty() ? "/api/" : "/apis/") + type.api_version();
  if (type.namespaced && !namespace_.empty()) path += "/namespaces/" + percent_encode(namespace_);
  return path + "/" + type.plural;
}

std::string object_path(const ResourceType& type, const ObjectKey& key, std::string_view subresource) {
  std::string path = collection_path(type, key.namespace_) + "/" + percent_encode(key.name);
  if (!subresource.empty()) path.append("/").append(subresource);
  return path;
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return encoded;
}

}  // namespace seraphim::kubernetes
