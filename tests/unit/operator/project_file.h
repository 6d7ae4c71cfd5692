// Files of the checkout as text, for tests that keep two of them in step.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>

namespace seraphim::op::testing {

/// A file, by its path in the checkout.
inline std::string project_file(const std::string& path) {
  std::ifstream file(SERAPHIM_SOURCE_DIR "/" + path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What the expression's first group matches in the file; fails when there is no such place.
inline std::string found_in(const std::string& path, const std::string& expression) {
  const std::string text = project_file(path);
  std::smatch match;
  const bool found = std::regex_search(text, match, std::regex(expression));
  EXPECT_TRUE(found) << path << " has nothing like " << expression;
  return found ? match[1].str() : "";
}

}  // namespace seraphim::op::testing
