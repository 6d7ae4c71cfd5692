// Lets std::visit take one lambda per alternative.
#pragma once

namespace seraphim::op {

template <typename... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

}  // namespace seraphim::op
