// The rules, put to every source file of the project.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "rules.h"

namespace seraphim::tidy {
namespace {

namespace fs = std::filesystem;

std::vector<SourceFile> all_sources() {
  const fs::path root = SERAPHIM_SOURCE_DIR;
  std::vector<SourceFile> sources;
  for (const auto* folder : {"controller", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const auto extension = entry.path().extension();
      if (!entry.is_regular_file() || (extension != ".cpp" && extension != ".h")) continue;
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      sources.push_back({entry.path().lexically_relative(root).generic_string(), text.str()});
    }
  }
  return sources;
}

struct Rule {
  const char* name;
  Breaches (*check)(const SourceFile&);

  friend void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }
};

class Tree : public testing::TestWithParam<Rule> {};

TEST_P(Tree, KeepsTheRule) {
  static const auto kSources = all_sources();
  ASSERT_GT(kSources.size(), 50U) << "the sources were not found";
  for (const auto& source : kSources) {
    for (const auto& breach : GetParam().check(source)) ADD_FAILURE() << breach;
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, Tree,
                         testing::Values(Rule{"include_direction", include_direction}, Rule{"purity", purity},
                                         Rule{"no_sleep", no_sleep}, Rule{"injected_time", injected_time},
                                         Rule{"light_headers", light_headers},
                                         Rule{"header_form", header_form}, Rule{"length", length},
                                         Rule{"nothing_left_to_do", nothing_left_to_do}),
                         [](const auto& rule) { return std::string(rule.param.name); });

}  // namespace
}  // namespace seraphim::tidy
