// A model archive (.mar): a zip file with a manifest.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace seraphim::cli {

struct Archive {
  std::vector<std::string> files{};
  std::string manifest{};  ///< text of MAR-INF/MANIFEST.json
};

/// The error says what is wrong with the file, and how such a file is made.
tl::expected<Archive, std::string> read_archive(const std::string& path);

/// What the manifest says, and what TorchServe would stumble over. Pure.
struct ModelFacts {
  std::string name{}, version{}, handler{}, archiver{};
  std::vector<std::string> problems{};  ///< sentences: what is wrong, what to write instead
};
ModelFacts facts_of(const Archive& archive);

}  // namespace seraphim::cli
