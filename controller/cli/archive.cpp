#include "cli/archive.h"

#include <zip.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "kubernetes/json_read.h"

namespace seraphim::cli {
namespace {

using kubernetes::member;
using kubernetes::text_or;

constexpr const char* kManifestPath = "MAR-INF/MANIFEST.json";
constexpr zip_uint64_t kLargestManifest = 1u << 20;
constexpr zip_int64_t kMostFiles = 100'000;

struct Closer {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

std::string reason_of(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

tl::expected<std::string, std::string> read_manifest_of(zip_t& archive, const std::string& path) {
  const zip_int64_t index = zip_name_locate(&archive, kManifestPath, 0);
  if (index < 0)
    return tl::unexpected(path + " holds no " + kManifestPath +
                          ", so it is no model archive; make one with: torch-model-archiver");
  zip_stat_t about;
  if (zip_stat_index(&archive, static_cast<zip_uint64_t>(index), 0, &about) != 0 ||
      about.size > kLargestManifest)
    return tl::unexpected(path + ": " + kManifestPath + " is larger than 1 MiB, so it is no manifest");
  const std::unique_ptr<zip_file_t, Closer> file(
      zip_fopen_index(&archive, static_cast<zip_uint64_t>(index), 0));
  std::string text(about.size, '\0');
  if (!file || zip_fread(file.get(), text.data(), text.size()) != static_cast<zip_int64_t>(text.size()))
    return tl::unexpected(path + ": " + kManifestPath + " cannot be unpacked: " + zip_strerror(&archive));
  return text;
}

/// A handler may be one that TorchServe brings along, which has no ".py".
void check_file(const Archive& archive, const std::string& file, const char* field, ModelFacts& facts) {
  if (file.empty()) return;
  const std::string name = file.substr(0, file.find(':'));
  if (std::find(archive.files.begin(), archive.files.end(), name) != archive.files.end()) return;
  facts.problems.push_back("model." + std::string(field) + " is " + name +
                           ", which is not in the archive; add it");
}

}  // namespace

tl::expected<Archive, std::string> read_archive(const std::string& path) {
  int code = 0;
  const std::unique_ptr<zip_t, Closer> archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive) return tl::unexpected(path + " cannot be read as a zip file: " + reason_of(code));
  Archive found;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  if (count > kMostFiles)
    return tl::unexpected(path + " holds more than 100000 files, so it is no model archive");
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive.get(), static_cast<zip_uint64_t>(i), 0);
    if (name != nullptr) found.files.emplace_back(name);
  }
  auto manifest = read_manifest_of(*archive, path);
  if (!manifest) return tl::unexpected(manifest.error());
  found.manifest = *std::move(manifest);
  return found;
}

ModelFacts facts_of(const Archive& archive) {
  ModelFacts facts;
  const auto manifest = nlohmann::json::parse(archive.manifest, nullptr, false);
  if (!manifest.is_object()) {
    facts.problems.push_back(std::string(kManifestPath) + " is not an object in JSON");
    return facts;
  }
  const auto& model = member(manifest, "model");
  facts.name = text_or(model, "modelName");
  facts.version = text_or(model, "modelVersion");
  facts.handler = text_or(model, "handler");
  facts.archiver = text_or(manifest, "archiverVersion");
  if (facts.name.empty()) facts.problems.push_back("model.modelName is missing; write the name of the model");
  if (facts.version.empty())
    facts.problems.push_back("model.modelVersion is missing; write a version such as \"2.0\", as a string");
  if (facts.handler.empty())
    facts.problems.push_back("model.handler is missing; write the file that handles requests");
  if (facts.handler.find(".py") != std::string::npos) check_file(archive, facts.handler, "handler", facts);
  check_file(archive, text_or(model, "serializedFile"), "serializedFile", facts);
  check_file(archive, text_or(model, "modelFile"), "modelFile", facts);
  return facts;
}

}  // namespace seraphim::cli
