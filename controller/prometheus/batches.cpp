#include "prometheus/batches.h"

#include <map>
#include <tuple>
#include <utility>

#include "analysis/increments.h"
#include "prometheus/latency.h"

namespace seraphim::prometheus {
namespace {

using analysis::Side;
using api::SeriesPreset;

std::string label(const Labels& labels, const std::string& name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

/// Everything that tells one counting process from another.
std::string target_of(const Labels& labels, SeriesPreset preset) {
  std::string target;
  for (const auto& [name, value] : labels) {
    if (name == "__name__" || name == "outcome" || name == "le") continue;
    if (name == "variant" && preset == SeriesPreset::variant_label) continue;  // one gateway counts both
    target += name + "=" + value + "\n";
  }
  return target;
}

/// How a series says whose it is: namespace and revision, or nothing and variant.
using Owner = std::pair<std::string, std::string>;

bool owned_by_namespace(const analysis::Selection& selection) {
  return selection.preset == SeriesPreset::revision_label && !selection.match_labels.contains("namespace");
}

Owner owner_of(const Labels& labels, const analysis::Selection& selection) {
  if (selection.preset == SeriesPreset::variant_label) return {"", label(labels, "variant")};
  return {owned_by_namespace(selection) ? label(labels, "namespace") : "", label(labels, "revision")};
}

Owner owner_of(const Want& want, Side side, const analysis::Selection& selection) {
  const bool baseline = side == Side::baseline;
  if (selection.preset == SeriesPreset::variant_label)
    return {"", baseline != want.promoted ? "baseline" : "candidate"};
  return {owned_by_namespace(selection) ? want.object_namespace : "",
          baseline ? want.baseline : want.candidate};
}

analysis::NoSamples no_outcome(const Batch& batch) {
  return {"MetricsUnavailable",
          "series of " + std::string(analysis::kRequestsMetric) + " at " + batch.address +
              " have no label outcome: export it, with the value success for requests that went well"};
}

void add(Answer& answer, Side side, const Matrix::Series& series, const Batch& batch) {
  auto* samples = std::get_if<analysis::Samples>(&answer);
  if (!samples) return;
  const auto outcome = series.labels.find("outcome");
  if (outcome == series.labels.end()) {
    answer = no_outcome(batch);
    return;
  }
  const std::string target = target_of(series.labels, batch.selection.preset);
  auto& of_side = side == Side::baseline ? samples->baseline : samples->candidate;
  for (const Point& point : series.points)
    of_side.push_back({target, outcome->second, point.value, point.at});
}

}  // namespace

std::string without_trailing_slash(std::string address) {
  while (!address.empty() && address.back() == '/') address.pop_back();
  return address;
}

std::vector<Batch> batches_of(std::span<const Want> wants) {
  using Key = std::tuple<std::string, SeriesPreset, std::map<std::string, std::string>, api::Duration,
                         api::Duration, bool>;
  std::map<Key, std::vector<const Want*>> alike;
  for (const Want& want : wants) {
    const bool latency = std::holds_alternative<analysis::LatencySeries>(want.series);
    if (!latency && !std::holds_alternative<analysis::RequestSeries>(want.series)) continue;
    const Key key{without_trailing_slash(want.source.address),
                  want.source.preset,
                  want.source.match_labels,
                  want.window,
                  want.essential_window,
                  latency};
    alike[key].push_back(&want);
  }
  std::vector<Batch> batches;
  for (const auto& [key, members] : alike) {
    const auto& [address, preset, match_labels, window, essential_window, latency] = key;
    const std::size_t most = window > std::chrono::minutes(1) ? kLongWantsPerQuery : kWantsPerQuery;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i % most == 0) {
        batches.push_back({address, {preset, match_labels, {}, {}, window, latency}, essential_window, {}});
      }
      Batch& batch = batches.back();
      batch.wants.push_back(members[i]);
      batch.selection.namespaces.insert(members[i]->object_namespace);
      batch.selection.revisions.insert({members[i]->baseline, members[i]->candidate});
    }
  }
  return batches;
}

std::vector<Answer> share_out(const Batch& batch, const Matrix& matrix) {
  std::vector<Answer> answers(batch.wants.size(), analysis::Samples{});
  std::vector<LatencyReader> latencies(batch.selection.latency ? batch.wants.size() : 0);
  std::multimap<Owner, std::pair<std::size_t, Side>> owners;
  for (std::size_t i = 0; i < batch.wants.size(); ++i) {
    for (const Side side : {Side::baseline, Side::candidate}) {
      owners.emplace(owner_of(*batch.wants[i], side, batch.selection), std::pair(i, side));
    }
  }
  for (const Matrix::Series& series : matrix.series) {
    const auto [first, last] = owners.equal_range(owner_of(series.labels, batch.selection));
    for (auto owner = first; owner != last; ++owner) {
      const auto [want, side] = owner->second;
      if (batch.selection.latency) {
        latencies[want].add(side, target_of(series.labels, batch.selection.preset), series);
      } else {
        add(answers[want], side, series, batch);
      }
    }
  }
  for (std::size_t i = 0; i < latencies.size(); ++i) {
    answers[i] = latencies[i].samples(std::get<analysis::LatencySeries>(batch.wants[i]->series).objective);
  }
  return answers;
}

}  // namespace seraphim::prometheus
