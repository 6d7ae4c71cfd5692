// Pieces of Markdown (CommonMark with tables) from texts that may be anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seraphim::report {

/// The text as it is, on one line: nothing in it is taken for Markdown, HTML or the end of a table's cell.
std::string plain(std::string_view text);
/// A name in a code span; as plain() where a code span cannot hold it.
std::string code(std::string_view text);
/// A block of code that no line of the text can end. The text ends with a newline.
std::string block(std::string_view text, std::string_view language);
/// "| a | b |" and a newline. The cells are Markdown.
std::string row(const std::vector<std::string>& cells);
/// A table's first two lines.
std::string head(const std::vector<std::string>& cells);

}  // namespace seraphim::report
