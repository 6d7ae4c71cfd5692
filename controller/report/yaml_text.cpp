#include "report/yaml_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "api/ascii.h"

namespace seraphim::report {
namespace {

using nlohmann::json;

/// Would YAML read this plain scalar as the text that it is?
bool stays_text(const std::string& text) {
  const auto safe = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) != 0 || byte >= 0x80 ||
           std::string_view("_-./:@+=, ()").find(c) != std::string_view::npos;
  };
  const auto first = static_cast<unsigned char>(text.empty() ? ' ' : text.front());
  if (std::isalpha(first) == 0 && first != '/' && first != '(' && first < 0x80) return false;
  if (!std::all_of(text.begin(), text.end(), safe) || text.back() == ' ' || text.back() == ':') return false;
  if (text.find(": ") != std::string::npos) return false;
  static constexpr std::array<std::string_view, 9> kWords{"true", "false", "yes", "no", "on",
                                                          "off",  "null",  "y",   "n"};
  return std::find(kWords.begin(), kWords.end(), api::lower_case(text)) == kWords.end();
}

std::string scalar(const json& value) {
  if (value.is_string() && stays_text(value.get_ref<const std::string&>())) return value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A text of several lines that a literal block can hold.
bool is_block(const json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  const auto strange = [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; };
  return text.find('\n') != std::string::npos && text.front() != ' ' && text.front() != '\n' &&
         text.back() != '\n' && std::none_of(text.begin(), text.end(), strange);
}

class Printer {
 public:
  /// `first` begins the first line in place of the indent.
  void print(const json& value, const std::string& first, const std::string& indent) {
    if (value.is_object() && !value.empty()) {
      std::string begin = first;
      for (const auto& [key, member] : value.items()) {
        print_member(key, member, begin, indent);
        begin = indent;
      }
    } else if (value.is_array() && !value.empty()) {
      std::string begin = first;
      for (const json& element : value) {
        print(element, begin + "- ", indent + "  ");
        begin = indent;
      }
    } else if (is_block(value)) {
      lines.push_back(first + "|-");
      print_text(value.get_ref<const std::string&>(), indent);
    } else {
      lines.push_back(first + scalar(value));
    }
  }
  std::vector<std::string> lines{};

 private:
  void print_member(const std::string& key, const json& member, const std::string& begin,
                    const std::string& indent) {
    const std::string named = begin + scalar(key) + ":";
    if (member.is_object() && !member.empty()) {
      lines.push_back(named);
      print(member, indent + "  ", indent + "  ");
    } else if (member.is_array() && !member.empty()) {
      lines.push_back(named);
      print(member, indent, indent);
    } else {
      print(member, named + " ", indent + "  ");
    }
  }
  void print_text(const std::string& text, const std::string& indent) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      lines.push_back(indent + text.substr(begin, end - begin));
      begin = end + 1;
    }
  }
};

}  // namespace

std::vector<std::string> yaml_lines(const json& value) {
  Printer printer;
  printer.print(value, "", "");
  return std::move(printer.lines);
}

}  // namespace seraphim::report
