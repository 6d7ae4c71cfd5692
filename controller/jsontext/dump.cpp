#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "jsontext/jsontext.h"
#include "jsontext/plain.h"

namespace seraphim::jsontext {
namespace {

using nlohmann::json;

std::string by_library(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Text that grows at its end; std::string::push_back() costs a call for each letter.
class Out {
 public:
  void add(char c) {
    if (used_ == text_.size()) grow(1);
    text_[used_++] = c;
  }
  void add(std::string_view more) {
    if (text_.size() - used_ < more.size()) grow(more.size());
    more.copy(text_.data() + used_, more.size());
    used_ += more.size();
  }
  std::string take() && {
    text_.resize(used_);
    return std::move(text_);
  }

 private:
  void grow(std::size_t more) { text_.resize(std::max<std::size_t>(256, 2 * (used_ + more))); }

  std::string text_;
  std::size_t used_ = 0;
};

void write(Out& out, const std::string& text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  // An escape by name or number, or a letter that may not be UTF-8.
  if (std::any_of(at, end, [](char c) { return !is_plain(c) && c != '"' && c != '\\'; }))
    return out.add(by_library(text));
  out.add('"');
  for (;;) {
    const char* const from = at;
    at = skip_plain(at, end);
    out.add({from, static_cast<std::size_t>(at - from)});
    if (at == end) break;
    out.add('\\');
    out.add(*at++);
  }
  out.add('"');
}

template <typename Integer>
void write(Out& out, Integer number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.add({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void write(Out& out, const json& value);

void write_object(Out& out, const json::object_t& members) {
  out.add('{');
  bool first = true;
  for (const auto& [name, member] : members) {
    if (!std::exchange(first, false)) out.add(',');
    write(out, name);
    out.add(':');
    write(out, member);
  }
  out.add('}');
}

void write_array(Out& out, const json::array_t& elements) {
  out.add('[');
  bool first = true;
  for (const json& element : elements) {
    if (!std::exchange(first, false)) out.add(',');
    write(out, element);
  }
  out.add(']');
}

void write(Out& out, const json& value) {
  switch (value.type()) {
    case json::value_t::object:
      return write_object(out, value.get_ref<const json::object_t&>());
    case json::value_t::array:
      return write_array(out, value.get_ref<const json::array_t&>());
    case json::value_t::string:
      return write(out, value.get_ref<const std::string&>());
    case json::value_t::number_integer:
      return write(out, value.get_ref<const json::number_integer_t&>());
    case json::value_t::number_unsigned:
      return write(out, value.get_ref<const json::number_unsigned_t&>());
    default:
      out.add(by_library(value));
  }
}

}  // namespace

std::string dump(const json& value) {
  Out out;
  write(out, value);
  return std::move(out).take();
}

}  // namespace seraphim::jsontext
