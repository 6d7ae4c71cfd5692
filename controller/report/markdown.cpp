#include "report/markdown.h"

#include <algorithm>
#include <cctype>

namespace seraphim::report {
namespace {

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || byte >= 0x80;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Does this character mean something where it stands?
bool needs_escape(std::string_view text, std::size_t at) {
  constexpr std::string_view kAlways = "\\`*[]<|~", kFirst = "#>-+=";
  const char c = text[at];
  if (kAlways.find(c) != std::string_view::npos) return true;
  if (at == 0 && kFirst.find(c) != std::string_view::npos) return true;
  if (c != '_') return false;
  return at == 0 || at + 1 == text.size() || !is_word(text[at - 1]) || !is_word(text[at + 1]);
}

/// The longest run of backticks.
std::size_t longest_run(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_control(c)) {
      out += ' ';
      continue;
    }
    const bool entity = c == '&' && i + 1 < text.size() && (is_word(text[i + 1]) || text[i + 1] == '#');
    if (entity || needs_escape(text, i)) out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) {
  const bool simple = !text.empty() && text.find_first_of("`|") == std::string_view::npos &&
                      std::none_of(text.begin(), text.end(), is_control) && text.front() != ' ';
  return simple ? "`" + std::string(text) + "`" : plain(text);
}

std::string block(std::string_view text, std::string_view language) {
  const std::string fence(std::max<std::size_t>(3, longest_run(text) + 1), '`');
  return fence + std::string(language) + "\n" + std::string(text) + fence + "\n";
}

std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const auto& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string head(const std::vector<std::string>& cells) {
  return row(cells) + row(std::vector<std::string>(cells.size(), "---"));
}

}  // namespace seraphim::report
