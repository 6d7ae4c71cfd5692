// What happened in the small world, for tests that ask and for people who read.
#include <algorithm>

#include "rollout/world.h"

namespace seraphim::rollout {

bool World::told(const std::string& reason) const {
  return times_told(reason) > 0;
}

std::size_t World::times_told(const std::string& reason) const {
  return static_cast<std::size_t>(
      std::count_if(told_.begin(), told_.end(), [&](const Told& line) { return line.reason == reason; }));
}

void World::log(const std::string& line) {
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(now - began_).count();
  trace_.push_back(std::to_string(since) + "s " + line);
}

std::string World::script() const {
  std::string all;
  for (std::string line : trace_) {
    if (line.find(" status: ") != std::string::npos) continue;
    for (const auto& [name, text] : template_of_) {
      for (auto at = line.find(name); at != std::string::npos; at = line.find(name))
        line.replace(at, name.size(), text);
    }
    all += line + "\n";
  }
  return all;
}

std::string World::trace() const {
  std::string all;
  const std::size_t first = trace_.size() > 150 ? trace_.size() - 150 : 0;
  for (std::size_t i = first; i < trace_.size(); ++i) all += trace_[i] + "\n";
  return all;
}

void World::broken(const std::string& what) const {
  throw BrokenInvariant(what + "\n" + trace());
}

}  // namespace seraphim::rollout
