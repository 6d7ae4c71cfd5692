// spec.strategy: the steps of a rollout.
#include <nlohmann/json.hpp>

#include "api/codec_parts.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t kMostSteps = 20;
constexpr Range<Percent> kStepWeight{Percent::from_basis_points(1), Percent::from_basis_points(9999)};
constexpr Range<Duration> kAnyWait{0s, 9999h};
constexpr Range<Duration> kVerification{10s, 24h};

Step read_step(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"weight", "hold", "approval"}, problems);
  Step step;
  if (const json* weight =
          fields.require("weight", "the candidate's share of the traffic, such as 25 or \"0.5%\"")) {
    if (*weight == 100) {
      problems.add(fields.path("weight"),
                   "100 needs no step; remove it, all traffic follows after the last step");
    } else {
      fields.read("weight", step.weight, kStepWeight);
    }
  }
  fields.read("hold", step.hold, kAnyWait);
  fields.read("approval", step.approval);
  return step;
}

std::vector<Step> read_steps(const json& list, const std::string& path, Problems& problems) {
  if (!list.is_array() || list.empty() || list.size() > kMostSteps) {
    problems.add(path, "there must be 1 to " + std::to_string(kMostSteps) +
                           " steps; write a list such as [{weight: 5, hold: 60s}, {weight: 25}]");
    return {};
  }
  std::vector<Step> steps;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    const auto before = problems.count();
    const Step step = read_step(list[i], at, problems);
    // A weight that could not be read was already complained about.
    if (problems.count() == before && !steps.empty() && step.weight <= steps.back().weight) {
      problems.add(at + ".weight", format_percent(step.weight) +
                                       " does not rise above the step before it; write more than " +
                                       format_percent(steps.back().weight));
    }
    steps.push_back(step);
  }
  return steps;
}

/// 0s switches it off.
Duration read_verification(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"duration"}, problems);
  Duration duration = CanaryStrategy{}.verify;
  const json* text = fields.require(
      "duration",
      "how long health and SLOs are measured after a rollback, such as \"2m\", or \"0s\" for never");
  if (text == nullptr || *text == "0s") return text == nullptr ? duration : Duration::zero();
  fields.read("duration", duration, kVerification);
  return duration;
}

CanaryStrategy read_canary(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"steps", "bake", "scaleDownDelay", "verify"}, problems);
  CanaryStrategy canary;
  if (const json* steps = fields.require("steps", "a list such as [{weight: 5, hold: 60s}, {weight: 25}]")) {
    canary.steps = read_steps(*steps, fields.path("steps"), problems);
  }
  if (const json* bake = fields.find("bake")) {
    const Fields inner(*bake, fields.path("bake"), {"duration"}, problems);
    Duration duration{0};
    if (inner.require("duration", "how long the previous revision is kept ready, such as \"10m\"") !=
        nullptr) {
      inner.read("duration", duration, kAnyWait);
    }
    canary.bake = duration;
  }
  fields.read("scaleDownDelay", canary.scale_down_delay, kAnyWait);
  if (const json* verify = fields.find("verify")) {
    canary.verify = read_verification(*verify, fields.path("verify"), problems);
  }
  return canary;
}

}  // namespace

CanaryStrategy read_strategy(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"canary"}, problems);
  const json* canary = fields.require("canary", "the steps of a rollout, under canary.steps");
  return canary == nullptr ? CanaryStrategy{} : read_canary(*canary, fields.path("canary"), problems);
}

}  // namespace seraphim::api
