// The story of one rollout on one screen, for people and for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/deployment.h"

namespace seraphim::cli {

struct Story {
  api::SeraphimDeployment object{};
  std::vector<Record> records{};
  std::vector<Happening> happenings{};
};

/// Counts, evidence and bounds of every metric as a block; empty as long as nothing was looked at.
std::string evidence_text(const api::SeraphimDeployment& object);

std::string status_text(const Story& story);
std::string status_json(const Story& story);
/// "Progressing: 25% at step 2 of 3; <what it waits for>": one line, for those who watch.
std::string status_line(const api::SeraphimDeployment& object);

}  // namespace seraphim::cli
