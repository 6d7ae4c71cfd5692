#include <nlohmann/json.hpp>

#include "jsontext/jsontext.h"
#include "targets.h"

namespace seraphim::fuzz {

using nlohmann::json;

namespace {

std::string by_library(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

/// The library is the oracle. Texts tell more than its ==, which takes 1 and 1.0 for the same.
void fuzz_json_text(std::string_view bytes) {
  constexpr std::size_t kLongest = 4096;  // the library's dump() recurses for each bracket
  if (bytes.size() > kLongest) return;
  const json ours = jsontext::parse(bytes), theirs = json::parse(bytes, nullptr, false);
  require(ours.is_discarded() == theirs.is_discarded(), "what is JSON");
  if (theirs.is_discarded()) return;
  require(ours == theirs, "the value");
  require(by_library(ours) == by_library(theirs), "the value's types");
  require(jsontext::dump(theirs) == by_library(theirs), "the text");
}

}  // namespace seraphim::fuzz
