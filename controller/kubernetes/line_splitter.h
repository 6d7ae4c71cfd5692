// Cuts a byte stream into lines at '\n'. A chunk from the network is not an event: it may hold half a line or
// many.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace seraphim::kubernetes {

class LineSplitter {
 public:
  enum class Result { more, stopped, too_long };

  /// `max_line` in bytes, without the '\n'.
  explicit LineSplitter(std::size_t max_line) : max_line_(max_line) {}

  /// Calls `on_line(std::string_view)` for every whole line; it answers false to stop. Empty lines are
  /// skipped.
  template <typename OnLine>
  Result feed(std::string_view bytes, OnLine&& on_line) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view piece = bytes.substr(0, end);
      if (rest_.size() + piece.size() > max_line_) return Result::too_long;
      if (end == std::string_view::npos) {
        rest_.append(piece);
        return Result::more;
      }
      bytes.remove_prefix(end + 1);
      if (!deliver(piece, on_line)) return Result::stopped;
    }
    return Result::more;
  }

  /// The begun line: not empty at the end of a stream means that it was cut.
  std::string_view rest() const { return rest_; }

 private:
  template <typename OnLine>
  bool deliver(std::string_view piece, OnLine& on_line) {
    if (rest_.empty()) return piece.empty() || on_line(piece);
    rest_.append(piece);
    const std::string line = std::exchange(rest_, {});
    return on_line(std::string_view(line));
  }

  std::size_t max_line_;
  std::string rest_;
};

}  // namespace seraphim::kubernetes
