// Columns for people: each as wide as its widest cell.
#pragma once

#include <string>
#include <vector>

namespace seraphim::cli {

/// One line a row, `indent` before it, two blanks between columns, none at the end of a line. Widths count
/// bytes: cells are ASCII, but for the last column.
std::string format_columns(const std::vector<std::vector<std::string>>& rows, const std::string& indent = {});

}  // namespace seraphim::cli
