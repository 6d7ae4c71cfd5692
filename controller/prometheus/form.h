// A body of type application/x-www-form-urlencoded: PromQL is full of braces, quotes and blanks.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seraphim::prometheus {

/// Everything but letters, digits and "-._~" becomes %XX.
std::string percent_encode(std::string_view text);

std::string encode_form(const std::vector<std::pair<std::string_view, std::string_view>>& fields);

}  // namespace seraphim::prometheus
