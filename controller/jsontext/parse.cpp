#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "jsontext/jsontext.h"
#include "jsontext/plain.h"

namespace seraphim::jsontext {
namespace {

using nlohmann::json;

constexpr int kDeepest = 64;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes plain JSON from the left. False: not plain, or no JSON; what was made until then is worth nothing.
class Reader {
 public:
  explicit Reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool document(json& out) { return value(out, 0) && (skip_blanks(), at_ == end_); }

 private:
  bool value(json& out, int depth);
  bool object(json& out, int depth);
  bool array(json& out, int depth);
  bool text(std::string& out);
  bool escape(std::string& out);
  bool number(json& out);
  bool real(const char* from, json& out);
  template <typename Number>
  bool whole(const char* from, json& out) {
    Number number = 0;
    if (std::from_chars(from, at_, number).ec != std::errc()) return false;
    out = number;
    return true;
  }
  bool word(std::string_view wanted, json& out, json meant);
  bool digits() {
    const char* const from = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != from;
  }
  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  const char* at_;
  const char* const end_;
};

bool Reader::value(json& out, int depth) {
  skip_blanks();
  if (at_ == end_ || depth > kDeepest) return false;
  switch (*at_) {
    case '{':
      return object(out, depth);
    case '[':
      return array(out, depth);
    case '"':
      ++at_;
      out = std::string();
      return text(out.get_ref<std::string&>());
    case 't':
      return word("true", out, true);
    case 'f':
      return word("false", out, false);
    case 'n':
      return word("null", out, nullptr);
    default:
      return number(out);
  }
}

bool Reader::object(json& out, int depth) {
  ++at_;
  out = json(json::value_t::object);
  auto& members = out.get_ref<json::object_t&>();
  skip_blanks();
  if (take('}')) return true;
  do {
    std::string name;
    skip_blanks();
    if (!take('"') || !text(name)) return false;
    skip_blanks();
    if (!take(':')) return false;
    // Often in order, so that the end is the right place. Of two with one name the last counts.
    if (!value(members.emplace_hint(members.end(), std::move(name), nullptr)->second, depth + 1))
      return false;
    skip_blanks();
  } while (take(','));
  return take('}');
}

bool Reader::array(json& out, int depth) {
  ++at_;
  out = json(json::value_t::array);
  auto& elements = out.get_ref<json::array_t&>();
  skip_blanks();
  if (take(']')) return true;
  do {
    if (!value(elements.emplace_back(), depth + 1)) return false;
    skip_blanks();
  } while (take(','));
  return take(']');
}

/// After the opening quote, and takes the closing one.
bool Reader::text(std::string& out) {
  for (;;) {
    const char* const from = at_;
    at_ = skip_plain(at_, end_);
    out.append(from, static_cast<std::size_t>(at_ - from));
    if (take('"')) return true;
    if (!take('\\') || !escape(out)) return false;
  }
}

bool Reader::escape(std::string& out) {
  if (at_ == end_) return false;
  switch (*at_++) {
    case '"':
      out += '"';
      return true;
    case '\\':
      out += '\\';
      return true;
    case '/':
      out += '/';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 't':
      out += '\t';
      return true;
    default:
      return false;
  }
}

bool Reader::number(json& out) {
  const char* const from = at_;
  const bool negative = take('-');
  const char* const first = at_;
  if (!digits() || (*first == '0' && at_ - first > 1)) return false;
  if (at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) return real(from, out);
  // The library's types: signed with a sign, unsigned without; what fits neither is a double.
  return negative ? whole<json::number_integer_t>(from, out) : whole<json::number_unsigned_t>(from, out);
}

/// The rest of a number that is not whole.
bool Reader::real(const char* from, json& out) {
  if (take('.') && !digits()) return false;
  if (take('e') || take('E')) {
    if (!take('-')) take('+');
    if (!digits()) return false;
  }
  double number = 0;
  const auto [end, error] = std::from_chars(from, at_, number);
  if (error != std::errc() || end != at_) return false;
  out = number;
  return true;
}

bool Reader::word(std::string_view wanted, json& out, json meant) {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(wanted)) return false;
  at_ += wanted.size();
  out = std::move(meant);
  return true;
}

}  // namespace

json parse(std::string_view text) {
  json value;
  if (Reader(text).document(value)) return value;
  return json::parse(text, nullptr, /*allow_exceptions=*/false);
}

}  // namespace seraphim::jsontext
