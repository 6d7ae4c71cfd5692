#include "report/line_diff.h"

#include <algorithm>
#include <cstdint>

namespace seraphim::report {
namespace {

using Lines = std::vector<std::string>;
using Kind = DiffLine::Kind;

constexpr std::size_t kMostPairs = 4'000'000;  // that are compared: 8 MiB for a moment

/// The lines of both between what they begin and end with alike.
struct Middle {
  std::size_t begin = 0, before_end = 0, after_end = 0;
};

Middle middle_of(const Lines& before, const Lines& after) {
  Middle middle{0, before.size(), after.size()};
  const auto shorter = std::min(before.size(), after.size());
  while (middle.begin < shorter && before[middle.begin] == after[middle.begin]) ++middle.begin;
  while (middle.before_end > middle.begin && middle.after_end > middle.begin &&
         before[middle.before_end - 1] == after[middle.after_end - 1]) {
    --middle.before_end;
    --middle.after_end;
  }
  return middle;
}

/// For each pair of places, how many lines are the same from there on at most.
class Alike {
 public:
  Alike(const Lines& before, const Lines& after, const Middle& middle)
      : columns_(middle.after_end - middle.begin + 1),
        counts_((middle.before_end - middle.begin + 1) * columns_) {
    for (std::size_t i = middle.before_end - middle.begin; i-- > 0;) {
      for (std::size_t j = columns_ - 1; j-- > 0;) {
        const bool same = before[middle.begin + i] == after[middle.begin + j];
        counts_[i * columns_ + j] =
            same ? static_cast<std::uint16_t>(at(i + 1, j + 1) + 1) : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
  }
  std::uint16_t at(std::size_t i, std::size_t j) const { return counts_[i * columns_ + j]; }

 private:
  std::size_t columns_;
  std::vector<std::uint16_t> counts_;
};

void add_middle(std::vector<DiffLine>& diff, const Lines& before, const Lines& after, const Middle& middle) {
  const std::size_t rows = middle.before_end - middle.begin, columns = middle.after_end - middle.begin;
  std::size_t i = 0, j = 0;
  const auto remove = [&] { diff.push_back({Kind::removed, before[middle.begin + i++]}); };
  const auto add = [&] { diff.push_back({Kind::added, after[middle.begin + j++]}); };
  if (rows > 0 && columns > 0 && rows <= kMostPairs / columns) {
    const Alike alike(before, after, middle);
    while (i < rows && j < columns) {
      if (before[middle.begin + i] == after[middle.begin + j]) {
        diff.push_back({Kind::same, before[middle.begin + i]});
        ++i;
        ++j;
      } else if (alike.at(i + 1, j) >= alike.at(i, j + 1)) {
        remove();
      } else {
        add();
      }
    }
  }
  while (i < rows) remove();
  while (j < columns) add();
}

}  // namespace

std::vector<DiffLine> line_diff(const Lines& before, const Lines& after) {
  const Middle middle = middle_of(before, after);
  std::vector<DiffLine> diff;
  for (std::size_t i = 0; i < middle.begin; ++i) diff.push_back({Kind::same, before[i]});
  add_middle(diff, before, after, middle);
  for (std::size_t i = middle.before_end; i < before.size(); ++i) diff.push_back({Kind::same, before[i]});
  return diff;
}

std::vector<std::string> diff_text(const std::vector<DiffLine>& diff, std::size_t context) {
  std::vector<std::string> text;
  std::vector<bool> shown(diff.size(), false);
  for (std::size_t i = 0; i < diff.size(); ++i) {
    if (diff[i].kind == Kind::same) continue;
    const std::size_t end = std::min(diff.size(), i + context + 1);
    for (std::size_t j = i - std::min(i, context); j < end; ++j) shown[j] = true;
  }
  if (std::find(shown.begin(), shown.end(), true) == shown.end()) return text;
  bool leaving_out = false;
  for (std::size_t i = 0; i < diff.size(); ++i) {
    if (!shown[i]) {
      if (!leaving_out) text.emplace_back("  ...");
      leaving_out = true;
      continue;
    }
    leaving_out = false;
    const char* mark = diff[i].kind == Kind::same ? "  " : diff[i].kind == Kind::removed ? "- " : "+ ";
    text.push_back(mark + diff[i].text);
  }
  return text;
}

}  // namespace seraphim::report
