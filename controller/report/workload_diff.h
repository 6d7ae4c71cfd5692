// What a revision changed, for people: a line diff of the YAML of both, without secrets.
#pragma once

#include <string>
#include <vector>

#include "api/spec.h"

namespace seraphim::report {

/// Lines as of diff_text(), at most `most` and each at most 200 bytes, with a remark in the last one when
/// more are left out. Empty when nothing differs.
std::vector<std::string> workload_diff(const api::Workload& before, const api::Workload& after,
                                       std::size_t most);

}  // namespace seraphim::report
