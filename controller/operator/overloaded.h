// Lets std::visit take one lambda per alternative.
#pragma once

namespace seraphim::op {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace seraphim::op
