#include "analysis/evidence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "jsontext/jsontext.h"

namespace seraphim::analysis {
namespace {

using nlohmann::json;

constexpr int kVersion = 2;

/// Every number of the test in the order in which it is written. Appending one needs a new version.
std::vector<double*> numbers_of(TestState& test) {
  std::vector<double*> all;
  for (double& bet : test.relative.awake) all.push_back(&bet);
  all.push_back(&test.relative.asleep);
  for (double& bet : test.guard.awake) all.push_back(&bet);
  all.push_back(&test.guard.asleep);
  PromotionWealth& p = test.promotion;
  Clumps& c = test.clumps;
  Rates& r = test.rates;
  Counts& w = test.pending;
  for (double* number : {&p.log_total,
                         &p.candidate_requests,
                         &p.blocks,
                         &c.mantel_haenszel_num,
                         &c.mantel_haenszel_den,
                         &c.residuals,
                         &c.variances,
                         &c.baseline_z,
                         &c.baseline_pairs,
                         &c.previous_requests,
                         &c.previous_failures,
                         &r.requests,
                         &r.failures,
                         &r.recent_requests,
                         &r.recent_failures,
                         &r.baseline_requests,
                         &r.baseline_failures,
                         &w.baseline_ok,
                         &w.baseline_failed,
                         &w.candidate_ok,
                         &w.candidate_failed,
                         &test.candidate_failures}) {
    all.push_back(number);
  }
  return all;
}

/// Whole numbers without ".0": most of the text is counters.
json number(double value) {
  constexpr double kExact = 9e15;
  if (std::abs(value) < kExact && value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

json optional_time(const std::optional<api::Time>& time) {
  return time ? json(time->time_since_epoch().count()) : json();
}

json counts_json(const Counts& c) {
  return {number(c.baseline_ok), number(c.baseline_failed), number(c.candidate_ok),
          number(c.candidate_failed)};
}

json counters_json(const Increments& counters) {
  std::vector<std::string> outcomes;
  json targets = json::array();
  for (const auto& [id, target] : counters.targets) {
    json values = json::array();
    for (const auto& [key, value] : target.last) {
      const auto place = std::find(outcomes.begin(), outcomes.end(), key.second);
      const auto index = place - outcomes.begin();
      if (place == outcomes.end()) outcomes.push_back(key.second);
      values.push_back(2 * index + (key.first == Side::candidate ? 1 : 0));
      values.push_back(number(value));
    }
    targets.push_back(
        {id, (target.seen - counters.started_at).count(), target.news ? 1 : 0, std::move(values)});
  }
  return {{"since", counters.started_at.time_since_epoch().count()},
          {"outcomes", outcomes},
          {"targets", targets}};
}

// What follows throws on anything unexpected; decode() turns that into "nothing".

double read_number(const json& value) {
  constexpr double kLargest = 1e18;  // so that sums of what was read stay finite and fit an integer
  const double x = value.is_number() ? value.get<double>() : NAN;
  if (!(std::abs(x) <= kLargest)) throw std::runtime_error("not a number");
  return x;
}

std::int64_t read_integer(const json& value, std::int64_t low, std::int64_t high) {
  if (!value.is_number_integer()) throw std::runtime_error("not an integer");
  const auto x = value.get<std::int64_t>();
  if (x < low || x > high) throw std::runtime_error("out of range");
  return x;
}

api::Duration read_duration(const json& value) {
  constexpr std::int64_t kFarAway = 4'000'000'000'000'000;  // milliseconds; sums of two still fit
  return api::Duration(read_integer(value, -kFarAway, kFarAway));
}

std::optional<api::Time> read_optional_time(const json& value) {
  if (value.is_null()) return std::nullopt;
  return api::Time(read_duration(value));
}

Counts read_counts(const json& v) {
  return {read_number(v.at(0)), read_number(v.at(1)), read_number(v.at(2)), read_number(v.at(3))};
}

Increments read_counters(const json& object) {
  Increments counters;
  counters.started_at = api::Time(read_duration(object.at("since")));
  const auto outcomes = object.at("outcomes").get<std::vector<std::string>>();
  for (const json& entry : object.at("targets")) {
    if (!entry.at(0).is_number_unsigned()) throw std::runtime_error("not a target");
    TargetMemory& target = counters.targets[entry.at(0).get<std::uint64_t>()];
    target.seen = counters.started_at + read_duration(entry.at(1));
    target.news = read_integer(entry.at(2), 0, 1) == 1;
    const json& values = entry.at(3);
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
      const auto key = read_integer(values.at(i), 0, 1'000'000);
      const Side side = key % 2 == 1 ? Side::candidate : Side::baseline;
      target.last[{side, outcomes.at(static_cast<std::size_t>(key / 2))}] = read_number(values.at(i + 1));
    }
  }
  return counters;
}

Evidence read_evidence(const json& object) {
  read_integer(object.at("v"), kVersion, kVersion);
  Evidence evidence;
  const json& test = object.at("test");
  const std::vector<double*> numbers = numbers_of(evidence.test);
  if (test.size() != numbers.size()) throw std::runtime_error("another version's test");
  for (std::size_t i = 0; i < numbers.size(); ++i) *numbers[i] = read_number(test.at(i));
  evidence.test.decision = static_cast<Decision>(read_integer(object.at("decision"), 0, 2));
  evidence.delta = read_number(object.at("delta"));
  evidence.slo = read_number(object.at("slo"));
  evidence.counters = read_counters(object.at("counters"));
  evidence.scrape_period = read_duration(object.at("period"));
  evidence.noted = object.at("noted").get<bool>();
  evidence.began = object.at("began").get<bool>();
  evidence.waiting = read_counts(object.at("waiting"));
  evidence.total = read_counts(object.at("total"));
  evidence.last_look = read_optional_time(object.at("look"));
  evidence.final_since = read_optional_time(object.at("final"));
  evidence.step = static_cast<std::int32_t>(read_integer(object.at("step"), INT32_MIN, INT32_MAX));
  evidence.step_since = read_optional_time(object.at("stepSince"));
  evidence.step_requests = read_number(object.at("stepRequests"));
  const json& share = object.at("share");
  evidence.share_candidate = read_number(share.at(0));
  evidence.share_all = read_number(share.at(1));
  const json& pace = object.at("pace");
  evidence.pace_since = read_optional_time(pace.at(0));
  evidence.pace_events = read_number(pace.at(1));
  evidence.pace_failures = read_number(pace.at(2));
  evidence.basis = object.at("basis").get<std::string>();
  return evidence;
}

}  // namespace

Evidence start_evidence(const Parameters& parameters, api::Time now) {
  Evidence evidence;
  evidence.test = start_test(parameters);
  evidence.delta = parameters.delta;
  evidence.slo = parameters.slo;
  evidence.counters.started_at = now;
  return evidence;
}

std::string encode(const Evidence& evidence) {
  TestState test = evidence.test;
  json numbers = json::array();
  for (const double* value : numbers_of(test)) numbers.push_back(number(*value));
  const json object = {
      {"v", kVersion},
      {"test", std::move(numbers)},
      {"decision", static_cast<int>(test.decision)},
      {"delta", evidence.delta},
      {"slo", evidence.slo},
      {"counters", counters_json(evidence.counters)},
      {"period", evidence.scrape_period.count()},
      {"noted", evidence.noted},
      {"began", evidence.began},
      {"waiting", counts_json(evidence.waiting)},
      {"total", counts_json(evidence.total)},
      {"look", optional_time(evidence.last_look)},
      {"final", optional_time(evidence.final_since)},
      {"step", evidence.step},
      {"stepSince", optional_time(evidence.step_since)},
      {"stepRequests", number(evidence.step_requests)},
      {"share", {number(evidence.share_candidate), number(evidence.share_all)}},
      {"pace",
       {optional_time(evidence.pace_since), number(evidence.pace_events), number(evidence.pace_failures)}},
      {"basis", evidence.basis}};
  // An outcome that is not UTF-8 cannot come out of a JSON answer; should it, it is replaced.
  return jsontext::dump(object);
}

std::optional<Evidence> decode(std::string_view text) {
  try {
    return read_evidence(jsontext::parse(text));
  } catch (const std::exception&) {  // json::exception and the refusals above
    return std::nullopt;
  }
}

}  // namespace seraphim::analysis
