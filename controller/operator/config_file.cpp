#include "operator/config_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "kubernetes/credentials.h"

namespace seraphim::op {
namespace {

constexpr std::size_t kMaxFile = 64u << 10;

std::string at(const std::filesystem::path& file, const YAML::Mark& mark) {
  return file.string() + ":" + std::to_string(mark.line + 1) + ": ";
}

tl::expected<std::vector<ConfigEntry>, std::string> entries_of(const std::filesystem::path& file,
                                                               const YAML::Node& root) {
  std::vector<ConfigEntry> entries;
  if (root.IsNull()) return entries;
  if (!root.IsMap())
    return tl::unexpected(at(file, root.Mark()) + "write one 'key: value' a line, such as workers: 8");
  for (const auto& pair : root) {
    const std::string where = at(file, pair.first.Mark());
    if (!pair.first.IsScalar()) return tl::unexpected(where + "a key must be the name of a flag");
    const std::string key = pair.first.Scalar();
    if (!pair.second.IsScalar())
      return tl::unexpected(where + "'" + key + "' wants one value; write " + key + ": VALUE");
    const bool twice =
        std::any_of(entries.begin(), entries.end(), [&](const auto& earlier) { return earlier.key == key; });
    if (twice) return tl::unexpected(where + "'" + key + "' is there twice");
    entries.push_back({key, pair.second.Scalar(), pair.first.Mark().line + 1});
  }
  return entries;
}

}  // namespace

tl::expected<std::vector<ConfigEntry>, std::string> read_config_file(const std::filesystem::path& file) {
  const auto text = kubernetes::read_small_file(file, kMaxFile);
  if (!text) return tl::unexpected(text.error());
  try {
    return entries_of(file, YAML::Load(*text));
  } catch (const YAML::Exception& error) {
    return tl::unexpected(at(file, error.mark) + "not YAML: " + error.msg);
  }
}

}  // namespace seraphim::op
