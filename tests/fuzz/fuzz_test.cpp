// Everything in corpus/ once more: what a fuzzer found, and what it started from.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "targets.h"

namespace seraphim::fuzz {
namespace {

class Corpus : public ::testing::TestWithParam<Target> {};

TEST_P(Corpus, IsTakenWithoutHarm) {
  const auto folder = std::filesystem::path(SERAPHIM_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    SCOPED_TRACE(entry.path().filename().string());
    const std::string text = std::move(bytes).str();
    GetParam().run(text);
    // Cut off in the middle, as a connection may be.
    for (std::size_t part = 1; part < 8; ++part)
      GetParam().run(std::string_view(text).substr(0, text.size() * part / 8));
    ++count;
  }
  EXPECT_GE(count, 1u) << "a target without a corpus is not tested here";
}

INSTANTIATE_TEST_SUITE_P(All, Corpus, ::testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace seraphim::fuzz
