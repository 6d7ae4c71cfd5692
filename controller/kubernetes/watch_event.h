// One line of a watch, taken apart. Internal to the reflector.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace seraphim::kubernetes {

struct WatchEvent {
  enum class Type { added, modified, removed, bookmark, error } type = Type::error;
  nlohmann::json object{};
  std::string resource_version{};    ///< of the object; empty only for an error
  bool end_of_initial_list = false;  ///< a bookmark with the annotation k8s.io/initial-events-end
};

/// The error says what is wrong with the line.
tl::expected<WatchEvent, std::string> parse_watch_event(std::string_view line);

}  // namespace seraphim::kubernetes
