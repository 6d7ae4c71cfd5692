// What differs between two texts, line by line.
#pragma once

#include <string>
#include <vector>

namespace seraphim::report {

struct DiffLine {
  enum class Kind { same, removed, added } kind = Kind::same;
  std::string text{};
  bool operator==(const DiffLine&) const = default;
};

/// A shortest way from one to the other; of texts that differ in very many lines all that is between the
/// first and the last difference counts as replaced.
std::vector<DiffLine> line_diff(const std::vector<std::string>& before,
                                const std::vector<std::string>& after);

/// "- old", "+ new" and "  same": what differs with `context` same lines around it, "..." where more lines
/// are left out. Nothing when nothing differs.
std::vector<std::string> diff_text(const std::vector<DiffLine>& diff, std::size_t context);

}  // namespace seraphim::report
