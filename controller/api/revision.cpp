#include "api/revision.h"

#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace seraphim::api {
namespace {

constexpr std::size_t kLongestName = 63;  // of a label value
constexpr std::size_t kHashCharacters = 10;

std::string content_of(const PodsWorkload& pods) {
  return R"({"pods":{"minReadySeconds":)" + std::to_string(pods.min_ready.count()) +
         ",\"port\":" + std::to_string(pods.port) + ",\"template\":" + pods.pod_template.text + "}}";
}

std::string content_of(const TorchServeWorkload& model) {
  const nlohmann::json content = {
      {"torchServe",
       {{"managementURL", model.management_url},
        {"model",
         {{"name", model.model_name}, {"version", model.model_version}, {"url", model.model_archive_url}}}}}};
  return content.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string short_hash(std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (EVP_Digest(content.data(), content.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute SHA-256");
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < kHashCharacters; ++i) {
    const unsigned byte = digest[i / 2];
    text += kHex[i % 2 == 0 ? byte >> 4u : byte & 15u];
  }
  return text;
}

}  // namespace

std::string revision_name(std::string_view deployment, const Workload& workload) {
  std::string content = std::visit([](const auto& kind) { return content_of(kind); }, workload);
  std::string prefix(deployment);
  constexpr std::size_t kLongestPrefix = kLongestName - kHashCharacters - 1;
  if (prefix.size() > kLongestPrefix) {
    content += prefix;  // keeps apart two deployments whose names begin alike
    prefix.resize(kLongestPrefix);
    while (!prefix.empty() && (prefix.back() == '-' || prefix.back() == '.')) prefix.pop_back();
  }
  return prefix + "-" + short_hash(content);
}

std::string model_version(const std::vector<Revision>& recorded, std::string_view name) {
  for (const auto& revision : recorded) {
    const auto* model = std::get_if<TorchServeWorkload>(&revision.workload);
    if (revision.name == name && model != nullptr) return model->model_version;
  }
  return {};
}

}  // namespace seraphim::api
