#include "analysis/breach_memory.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace seraphim::analysis {
namespace {

using nlohmann::json;

std::string encode_memory(const BreachMemory& memory) {
  return json::array({memory.at.time_since_epoch().count(), memory.breaches, memory.decided}).dump();
}

/// Total: text that this version did not write is no memory.
BreachMemory decode_memory(const std::string& text) {
  const json list = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array() || list.size() != 3 || !list[0].is_number_integer() || !list[1].is_number_integer() ||
      !list[2].is_string()) {
    return {};
  }
  const auto at = list[0].get<std::int64_t>();
  const auto breaches = list[1].get<std::int64_t>();
  constexpr std::int64_t kFarAway = 4'000'000'000'000'000;  // milliseconds
  if (at < 0 || at > kFarAway || breaches < 0 || breaches > 100) return {};
  return {api::Time(api::Duration(at)), static_cast<std::int32_t>(breaches), list[2].get<std::string>()};
}

}  // namespace

BoundLook::BoundLook(const api::Metric& metric, std::string reason, const api::MetricEvidence& last,
                     const std::optional<api::Time>& last_look, const Answer* answer)
    : name_(metric.name), reason_(std::move(reason)), memory_(decode_memory(last.state)) {
  found.evidence = last;
  if (!memory_.decided.empty()) {
    decide();
    return;
  }
  found.suspicious = memory_.breaches > 0;
  if (answer == nullptr) {
    found.fresh_at = last_look;
    return;
  }
  if (const auto* nothing = std::get_if<NoSamples>(answer))
    found.verdict = Unavailable{nothing->reason, name_ + ": " + nothing->message};
  samples_ = std::get_if<Samples>(answer);
}

void BoundLook::leave_out(api::Time now) {
  if (!memory_.decided.empty()) return;
  found.verdict = Continue{};
  found.suspicious = false;
  found.fresh_at = now;
  samples_ = nullptr;
}

void BoundLook::unavailable(const char* reason, const std::string& message) {
  found.verdict = Unavailable{reason, name_ + ": " + message};
}

void BoundLook::decide() {
  found.verdict = RollBack{reason_, memory_.decided};
}

void BoundLook::count(const std::optional<std::string>& breach, const std::string& more, std::int32_t most,
                      api::Time at) {
  memory_.breaches = breach ? memory_.breaches + 1 : 0;
  memory_.at = at;
  if (memory_.breaches >= most) {
    memory_.decided =
        name_ + ": " + *breach + " in " + std::to_string(memory_.breaches) + " looks in a row" + more;
    decide();
  }
  found.evidence.state = encode_memory(memory_);
}

}  // namespace seraphim::analysis
