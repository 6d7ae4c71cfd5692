#include "traffic/route_weights.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace seraphim::traffic {
namespace {

using nlohmann::json;
using Problem = rollout::TrafficState::Problem;
using Rule = std::vector<BackendReference>;

Rule::const_iterator find(const Rule& rule, const std::string& name) {
  return std::find_if(rule.begin(), rule.end(), [&](const auto& backend) { return backend.name == name; });
}

bool names(const Rule& rule, const std::string& name) {
  return find(rule, name) != rule.end();
}

bool names_both(const Rule& rule, const BackendPair& pair) {
  return names(rule, pair.stable) && names(rule, pair.candidate);
}

/// Of all backendRefs with that name: a rule may have it more than once.
std::int64_t weight_of(const Rule& rule, const std::string& name) {
  std::int64_t sum = 0;
  for (const auto& backend : rule) sum += backend.name == name ? backend.weight : 0;
  return sum;
}

/// The share among the pair. Nobody having weight is as wrong as can be, therefore reported as what is not
/// wanted.
api::Percent share_of(std::int64_t stable, std::int64_t candidate, api::Percent wanted) {
  const std::int64_t sum = stable + candidate;
  if (sum <= 0) return wanted == api::kEverything ? api::kNothing : api::kEverything;
  return api::Percent::from_basis_points(static_cast<std::int32_t>((candidate * 10'000 + sum / 2) / sum));
}

Problem misses(const HttpRoute& route, std::size_t rule, const std::string& present,
               const std::string& absent) {
  return {"BackendMissing", "HTTPRoute " + route.meta.key.name + ", rule " + std::to_string(rule + 1) +
                                " sends to " + present + " but not to " + absent + "; add a backendRef to " +
                                absent + " with weight 0 to that rule"};
}

}  // namespace

Weights weights_for(api::Percent candidate) {
  const std::int64_t whole = candidate.is_whole() ? 100 : 10'000;
  const std::int64_t share = candidate.basis_points() * whole / 10'000;
  return {whole - share, share};
}

std::optional<api::Percent> candidate_share(const std::vector<HttpRoute>& routes, const BackendPair& pair,
                                            api::Percent wanted) {
  std::optional<api::Percent> farthest;
  const auto distance = [&](api::Percent share) {
    return std::abs(share.basis_points() - wanted.basis_points());
  };
  for (const auto& route : routes) {
    for (const Rule& rule : route.rules) {
      if (!names_both(rule, pair)) continue;
      const auto share = share_of(weight_of(rule, pair.stable), weight_of(rule, pair.candidate), wanted);
      if (!farthest || distance(share) > distance(*farthest)) farthest = share;
    }
  }
  return farthest;
}

std::optional<Problem> pair_problem(const HttpRoute& route, const BackendPair& pair) {
  bool concerned = false;
  for (std::size_t index = 0; index < route.rules.size(); ++index) {
    const Rule& rule = route.rules[index];
    const bool stable = names(rule, pair.stable), candidate = names(rule, pair.candidate);
    if (!stable && !candidate) continue;
    if (!candidate) return misses(route, index, pair.stable, pair.candidate);
    if (!stable) return misses(route, index, pair.candidate, pair.stable);
    concerned = true;
  }
  if (concerned) return std::nullopt;
  return Problem{"BackendsMissing", "HTTPRoute " + route.meta.key.name +
                                        " has no rule that sends to the Services " + pair.stable + " and " +
                                        pair.candidate + "; add both as backendRefs"};
}

std::optional<Problem> refusal_problem(const HttpRoute& route) {
  if (route.refusal.empty()) return std::nullopt;
  return Problem{"RouteNotAccepted",
                 "HTTPRoute " + route.meta.key.name + " is not accepted by its gateway: " + route.refusal};
}

json weight_patch(const HttpRoute& route, const BackendPair& pair, api::Percent candidate) {
  const Weights wanted = weights_for(candidate);
  json changes = json::array();
  for (std::size_t r = 0; r < route.rules.size(); ++r) {
    const Rule& rule = route.rules[r];
    if (!names_both(rule, pair)) continue;
    for (std::size_t b = 0; b < rule.size(); ++b) {
      const bool stable = rule[b].name == pair.stable;
      if (!stable && rule[b].name != pair.candidate) continue;
      // Where a rule has a backend more than once, the first one gets all.
      const bool first = static_cast<std::size_t>(find(rule, rule[b].name) - rule.begin()) == b;
      const std::int64_t weight = !first ? 0 : stable ? wanted.stable : wanted.candidate;
      if (rule[b].weight == weight) continue;
      changes.push_back(
          {{"op", "add"},
           {"path", "/spec/rules/" + std::to_string(r) + "/backendRefs/" + std::to_string(b) + "/weight"},
           {"value", weight}});
    }
  }
  if (changes.empty()) return changes;
  // Not a `test`, whose failure is a 422 like any mistake: a version in the patch is the API's own lock, and
  // a 409.
  changes.push_back(
      {{"op", "add"}, {"path", "/metadata/resourceVersion"}, {"value", route.meta.resource_version}});
  return changes;
}

}  // namespace seraphim::traffic
