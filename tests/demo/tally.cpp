#include "tally.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace seraphim::demo {

Tally::Tally(EpochMs now) : total_("total", now), second_("second", now) {
  windows_.emplace_back("start", now);
}

Tally::WindowId Tally::sent() {
  const std::lock_guard lock(mutex_);
  total_.sent();
  second_.sent();
  windows_.back().sent();
  return windows_.size() - 1;
}

void Tally::done(WindowId window, const Result& result) {
  const std::lock_guard lock(mutex_);
  total_.done(result);
  second_.done(result);
  windows_.at(window).done(result);
}

void Tally::missed(Missed reason) {
  const std::lock_guard lock(mutex_);
  total_.missed(reason);
  second_.missed(reason);
  windows_.back().missed(reason);
}

bool Tally::mark(const std::string& name, EpochMs now) {
  const std::lock_guard lock(mutex_);
  const auto taken = [&name](const Window& window) { return window.name() == name; };
  if (name.empty() || std::any_of(windows_.begin(), windows_.end(), taken)) return false;
  windows_.emplace_back(name, now);
  return true;
}

nlohmann::json Tally::take_second(EpochMs now) {
  const std::lock_guard lock(mutex_);
  auto json = second_.brief();
  json["at"] = now;
  json["first_failure_at"] = total_.full()["first_failure_at"];
  second_ = Window("second", now);
  return json;
}

nlohmann::json Tally::full() const {
  const std::lock_guard lock(mutex_);
  auto json = total_.full();
  json.erase("name");
  json["windows"] = nlohmann::json::array();
  for (const auto& window : windows_) json["windows"].push_back(window.full());
  return json;
}

std::uint64_t Tally::missed_total() const {
  const std::lock_guard lock(mutex_);
  return total_.missed_total();
}

}  // namespace seraphim::demo
