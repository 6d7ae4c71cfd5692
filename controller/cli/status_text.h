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

std::string status_text(const Story& story);
std::string status_json(const Story& story);
/// "Progressing: 25% at step 2 of 3; <what it waits for>": one line, for those who watch.
std::string status_line(const api::SeraphimDeployment& object);

}  // namespace seraphim::cli
