#include "window.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace seraphim::demo {
namespace {

using Json = nlohmann::json;

Json latency_json(const LatencySummary& latency) {
  const auto milliseconds = [](std::chrono::microseconds value) {
    return static_cast<double>(value.count()) / 1000.0;
  };
  return {{"p50", milliseconds(latency.percentile(0.50))},
          {"p95", milliseconds(latency.percentile(0.95))},
          {"p99", milliseconds(latency.percentile(0.99))},
          {"max", milliseconds(latency.max())}};
}

}  // namespace

Window::Window(std::string name, EpochMs started_at) : name_(std::move(name)), started_at_(started_at) {}

void Window::done(const Result& result) {
  auto& version = by_version_[result.version];
  if (version.ok + version.failed == 0) version.first_at = result.at;
  version.last_at = result.at;
  latency_.add(result.latency);
  if (result.ok()) {
    ++ok_;
    ++version.ok;
    return;
  }
  ++failed_;
  ++version.failed;
  ++by_failure_[result.failure];
  if (!version.first_failure_at) version.first_failure_at = result.at;
  version.last_failure_at = result.at;
}

void Window::missed(Missed reason) {
  ++(reason == Missed::busy ? missed_busy_ : missed_late_);
}

Json Window::brief() const {
  Json versions = Json::object();
  for (const auto& [name, counts] : by_version_)
    versions[name] = {{"ok", counts.ok}, {"failed", counts.failed}};
  return {{"sent", sent_},
          {"ok", ok_},
          {"failed", failed_},
          {"missed", missed_total()},
          {"by_version", versions}};
}

Json Window::full() const {
  Json json = brief();
  json["name"] = name_;
  json["started_at"] = started_at_;
  json["in_flight"] = sent_ - ok_ - failed_;
  json["missed_busy"] = missed_busy_;
  json["missed_late"] = missed_late_;
  json["failures"] = by_failure_;
  json["latency_ms"] = latency_json(latency_);
  json["first_failure_at"] = json["last_failure_at"] = Json::object();
  for (const auto& [name, counts] : by_version_) {
    json["by_version"][name]["first_at"] = counts.first_at;
    json["by_version"][name]["last_at"] = counts.last_at;
    if (counts.first_failure_at) json["first_failure_at"][name] = *counts.first_failure_at;
    if (counts.last_failure_at) json["last_failure_at"][name] = *counts.last_failure_at;
  }
  return json;
}

}  // namespace seraphim::demo
