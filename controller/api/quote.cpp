#include "api/quote.h"

#include <nlohmann/json.hpp>

namespace seraphim::api {
namespace {

bool continues_a_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u;
}

}  // namespace

std::string quote(std::string_view text, std::size_t most) {
  std::string_view shown = text.substr(0, most);
  if (shown.size() < text.size()) {
    std::size_t end = shown.size();
    while (end > 0 && continues_a_character(text[end])) --end;
    shown = shown.substr(0, end);
  }
  // JSON escapes line ends and control characters, and replaces what is not UTF-8.
  std::string quoted =
      nlohmann::json(std::string(shown)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (shown.size() < text.size()) quoted.insert(quoted.size() - 1, "...");
  return quoted;
}

}  // namespace seraphim::api
