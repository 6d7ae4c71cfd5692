#include "replay/history_codec.h"

#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/quote.h"

namespace seraphim::replay {
namespace {

using analysis::Answer;
using analysis::CounterSample;
using analysis::NoSamples;
using analysis::Samples;
using nlohmann::json;

constexpr const char* kFormat = "seraphim-history/v1";

/// Whole numbers without ".0": nearly all of them are.
json number(double value) {
  constexpr double kExact = 9e15;
  if (std::abs(value) < kExact && value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

json encode_side(const std::vector<CounterSample>& samples, api::Time from) {
  std::map<std::pair<std::string, std::string>, json> points;
  for (const CounterSample& sample : samples) {
    json& series = points.try_emplace({sample.target, sample.outcome}, json::array()).first->second;
    series.push_back((sample.at - from).count());
    series.push_back(number(sample.value));
  }
  json all = json::array();
  for (auto& [key, values] : points) {
    all.push_back({{"target", key.first}, {"outcome", key.second}, {"points", std::move(values)}});
  }
  return all;
}

json encode_answer(const Answer& answer, api::Time from) {
  if (const auto* nothing = std::get_if<NoSamples>(&answer)) {
    return {{"missing", {{"reason", nothing->reason}, {"message", nothing->message}}}};
  }
  const auto& samples = std::get<Samples>(answer);
  json object = {{"baseline", encode_side(samples.baseline, from)},
                 {"candidate", encode_side(samples.candidate, from)}};
  if (!samples.basis.empty()) object["basis"] = samples.basis;
  return object;
}

/// Thrown within this file only.
struct Malformed {
  std::string what;
};

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw Malformed{path + " " + what};
}

const json& member(const json& object, const std::string& path, const char* name) {
  if (!object.is_object()) refuse(path.empty() ? "the file" : path, "is not an object");
  const auto found = object.find(name);
  if (found == object.end()) refuse(path + "." + name, "is missing");
  return *found;
}

std::string text_at(const json& object, const std::string& path, const char* name) {
  const json& value = member(object, path, name);
  if (!value.is_string()) refuse(path + "." + name, "is not a text");
  return value.get<std::string>();
}

std::int64_t milliseconds_of(const json& value, const std::string& path) {
  constexpr std::int64_t kFarAway = 4'000'000'000'000'000;  // sums of two still fit
  const bool is_time = value.is_number_integer() && value.get<double>() < double{kFarAway} &&
                       value.get<double>() > -double{kFarAway};
  if (!is_time) refuse(path, "is not a time in whole milliseconds");
  return value.get<std::int64_t>();
}

void no_others(const json& object, const std::string& path, std::initializer_list<const char*> known) {
  for (const auto& [name, value] : object.items()) {
    const bool is_known =
        std::any_of(known.begin(), known.end(), [&name = name](const char* one) { return name == one; });
    if (!is_known) refuse(path + "." + name, "is not known to " + std::string(kFormat));
  }
}

void read_series(const json& series, const std::string& path, api::Time from,
                 std::vector<CounterSample>& samples) {
  const std::string target = text_at(series, path, "target");
  const std::string outcome = text_at(series, path, "outcome");
  const json& points = member(series, path, "points");
  no_others(series, path, {"target", "outcome", "points"});
  if (!points.is_array() || points.size() % 2 != 0)
    refuse(path + ".points", "is not a list of times, each followed by a value");
  for (std::size_t i = 0; i < points.size(); i += 2) {
    const std::string place = path + ".points[" + std::to_string(i) + "]";
    const json& value = points[i + 1];
    if (!value.is_number() || !std::isfinite(value.get<double>()))
      refuse(place, "is followed by something that is not a number");
    samples.push_back(
        {target, outcome, value.get<double>(), from + api::Duration(milliseconds_of(points[i], place))});
  }
}

std::vector<CounterSample> read_side(const json& answer, const std::string& path, const char* side,
                                     api::Time from) {
  const json& all = member(answer, path, side);
  const std::string place = path + "." + side;
  if (!all.is_array()) refuse(place, "is not a list of series");
  std::vector<CounterSample> samples;
  for (std::size_t i = 0; i < all.size(); ++i)
    read_series(all[i], place + "[" + std::to_string(i) + "]", from, samples);
  return samples;
}

Answer read_answer(const json& answer, const std::string& path, api::Time from) {
  if (answer.is_object() && answer.contains("missing")) {
    no_others(answer, path, {"missing"});
    const std::string place = path + ".missing";
    const json& missing = answer["missing"];
    return NoSamples{text_at(missing, place, "reason"), text_at(missing, place, "message")};
  }
  Samples samples{read_side(answer, path, "baseline", from), read_side(answer, path, "candidate", from), {}};
  if (answer.contains("basis")) samples.basis = text_at(answer, path, "basis");
  no_others(answer, path, {"baseline", "candidate", "basis"});
  return samples;
}

History read_history(const json& file) {
  const std::string format = text_at(file, "", "format");
  if (format != kFormat) refuse(".format", "is " + api::quote(format) + " and not \"" + kFormat + "\"");
  no_others(file, "", {"format", "stable", "candidate", "from", "to", "requests", "metrics"});
  History history;
  history.stable = text_at(file, "", "stable");
  history.candidate = text_at(file, "", "candidate");
  history.from = api::Time(api::Duration(milliseconds_of(member(file, "", "from"), ".from")));
  history.to = api::Time(api::Duration(milliseconds_of(member(file, "", "to"), ".to")));
  if (history.to < history.from) refuse(".to", "is before .from");
  history.answers.requests = read_answer(member(file, "", "requests"), ".requests", history.from);
  if (!file.contains("metrics")) return history;
  if (!file["metrics"].is_object()) refuse(".metrics", "is not an object");
  for (const auto& [name, answer] : file["metrics"].items())
    history.answers.metrics.emplace(name, read_answer(answer, ".metrics." + name, history.from));
  return history;
}

}  // namespace

std::string encode(const History& history) {
  json file = {{"format", kFormat},
               {"stable", history.stable},
               {"candidate", history.candidate},
               {"from", history.from.time_since_epoch().count()},
               {"to", history.to.time_since_epoch().count()},
               {"requests", encode_answer(history.answers.requests, history.from)}};
  for (const auto& [name, answer] : history.answers.metrics)
    file["metrics"][name] = encode_answer(answer, history.from);
  return file.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

tl::expected<History, std::string> decode_history(std::string_view text) {
  const json file = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (file.is_discarded()) return tl::unexpected(std::string("it is not JSON"));
  try {
    return read_history(file);
  } catch (const Malformed& malformed) {
    return tl::unexpected(malformed.what);
  }
}

}  // namespace seraphim::replay
