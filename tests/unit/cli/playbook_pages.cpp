#include "cli/playbook_pages.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace seraphim::cli::testing {
namespace {

/// Without blanks at its ends, and with one for each run of them.
std::string squeezed(const std::string& line) {
  std::istringstream words(line);
  std::string text;
  for (std::string word; words >> word;) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// "..." stands for any text, also for none.
bool fits(std::string_view pattern, std::string_view line) {
  const auto gap = pattern.find("...");
  if (gap == std::string_view::npos) return pattern == line;
  if (!line.starts_with(pattern.substr(0, gap))) return false;
  const auto rest = pattern.substr(gap + 3);
  for (auto at = gap; at <= line.size(); ++at) {
    if (fits(rest, line.substr(at))) return true;
  }
  return false;
}

class PageReader {
 public:
  explicit PageReader(Page& page) : page_(page) {}

  void take(const std::string& line) {
    const std::string text = squeezed(line);
    if (text.starts_with("```")) return fence(text.substr(3));
    if (kind_ == "sh") return command(text);
    if (kind_ == "text") return expect(text);
    if (kind_.empty() && line.starts_with("## ")) page_.sections.push_back(line.substr(3));
  }
  void end() {
    if (open_) page_.mistakes.push_back("a block is not closed");
  }

 private:
  void fence(const std::string& kind) {
    open_ = !open_;
    kind_ = open_ ? kind : "";
    if (!open_) return;
    if (kind != "sh" && kind != "text" && kind != "yaml")
      page_.mistakes.push_back("a block is neither sh nor text nor yaml: '" + kind + "'");
    if (kind == "text" && page_.commands.empty())
      page_.mistakes.push_back("a text block comes before any command");
  }
  void command(std::string text) {
    if (text.empty() || text.starts_with('#')) return;
    const bool continues = text.ends_with('\\');
    if (continues) text.pop_back();
    if (continued_) {
      page_.commands.back().text += text;
    } else {
      page_.commands.push_back({text, page_.sections.empty() ? "" : page_.sections.back()});
    }
    continued_ = continues;
  }
  void expect(const std::string& text) {
    if (!text.empty() && !page_.commands.empty()) page_.commands.back().expected.push_back(text);
  }

  Page& page_;
  std::string kind_;
  bool open_ = false, continued_ = false;
};

}  // namespace

Page read_page(const std::filesystem::path& path) {
  Page page{.name = path.stem().string()};
  PageReader reader(page);
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) reader.take(line);
  reader.end();
  return page;
}

std::vector<Page> read_playbooks() {
  std::vector<Page> pages;
  for (const auto& entry : std::filesystem::directory_iterator(SERAPHIM_SOURCE_DIR "/docs/playbooks")) {
    if (entry.path().stem() != "README") pages.push_back(read_page(entry.path()));
  }
  std::ranges::sort(pages, {}, &Page::name);
  return pages;
}

std::string missing_line(const std::vector<std::string>& expected, const std::string& output) {
  std::istringstream lines(output);
  std::string line;
  for (const auto& pattern : expected) {
    bool found = false;
    while (!found && std::getline(lines, line)) found = fits(pattern, squeezed(line));
    if (!found) return pattern;
  }
  return "";
}

}  // namespace seraphim::cli::testing
