// A candidate beside the stable revision, in figures and in the operator's own verdict. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "analysis/assessment.h"
#include "api/seraphim_deployment.h"
#include "cli/figures.h"

namespace seraphim::cli {

struct Compared {
  std::string baseline{}, candidate{};  ///< revisions
  api::Duration window{0};
  Figures figures{};                    ///< of the window
  std::map<std::string, double> p95{};  ///< seconds, by revision
  analysis::Assessment assessment{};    ///< as the operator would say now
};

/// The exit code that goes with it: worse or suspicious is bad; without data there is no answer.
int exit_code_of(const Compared& compared);
/// "not worse so far", "worse: ...": for people.
std::string verdict_text(const analysis::Assessment& assessment);

std::string compared_text(const Compared& compared, const api::SeraphimDeployment& object);
std::string compared_json(const Compared& compared);

}  // namespace seraphim::cli
