// Objects that Helm keeps: the command that changes them for good.
#pragma once

#include <map>
#include <string>

namespace seraphim::cli {

/// By the annotations that Helm puts on what it owns: a sentence with the commands that roll the release
/// back, in the release's own namespace; empty when Helm does not keep the object. `namespace_` is the
/// object's.
std::string helm_advice(const std::map<std::string, std::string>& annotations, const std::string& namespace_);

}  // namespace seraphim::cli
