#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "jsontext/jsontext.h"
#include "jsontext/plain.h"

namespace seraphim::jsontext {
namespace {

using nlohmann::json;

std::string by_library(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void write(std::string& out, const std::string& text) {
  const std::size_t begin = out.size();
  out += '"';
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    const char* const from = at;
    at = skip_plain(at, end);
    out.append(from, at);
    if (at == end) break;
    if (*at != '"' && *at != '\\') {  // an escape by name or number, or a letter that may not be UTF-8
      out.resize(begin);
      out += by_library(text);
      return;
    }
    out += '\\';
    out += *at++;
  }
  out += '"';
}

template <typename Integer>
void write(std::string& out, Integer number) {
  std::array<char, 24> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void write(std::string& out, const json& value);

void write_object(std::string& out, const json::object_t& members) {
  char before = '{';
  for (const auto& [name, member] : members) {
    out += before;
    write(out, name);
    out += ':';
    write(out, member);
    before = ',';
  }
  out += members.empty() ? "{}" : "}";
}

void write_array(std::string& out, const json::array_t& elements) {
  char before = '[';
  for (const json& element : elements) {
    out += before;
    write(out, element);
    before = ',';
  }
  out += elements.empty() ? "[]" : "]";
}

void write(std::string& out, const json& value) {
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
      out += by_library(value);
  }
}

}  // namespace

std::string dump(const json& value) {
  std::string out;
  write(out, value);
  return out;
}

}  // namespace seraphim::jsontext
