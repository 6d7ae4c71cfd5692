#include "traffic/variant_route.h"

#include <algorithm>

#include "api/ascii.h"

namespace seraphim::traffic {
namespace {

using Problem = rollout::TrafficState::Problem;
using References = std::vector<BackendReference>;

constexpr const char* kBaselineVariant = "baseline";
constexpr const char* kCandidateVariant = "candidate";

std::string variant_of(const BackendReference& reference, const std::string& header) {
  if (reference.name.empty()) return {};
  const std::string wanted = api::lower_case(header);
  for (const auto& [name, text] : reference.sets) {
    const std::string value = api::lower_case(text);
    const bool counts = wanted.empty() || name == wanted;
    if (counts && (value == kBaselineVariant || value == kCandidateVariant)) return value;
  }
  return {};
}

const BackendReference* forcing(const References& rule, const std::string& header,
                                const std::string& variant) {
  const auto found = std::find_if(rule.begin(), rule.end(), [&](const auto& reference) {
    return variant_of(reference, header) == variant;
  });
  return found == rule.end() ? nullptr : &*found;
}

std::ptrdiff_t count(const References& rule, const std::string& header, const std::string& variant) {
  return std::count_if(rule.begin(), rule.end(),
                       [&](const auto& reference) { return variant_of(reference, header) == variant; });
}

Problem repeats(const std::string& rule, const std::string& header, const std::string& variant) {
  return {"BackendTwice", rule + " has more than one backendRef that sets " + header + ": " + variant +
                              ", so that nobody can tell which one has the weight; keep one for each "
                              "variant and remove the others"};
}

Problem lacks(const std::string& rule, const std::string& header, const std::string& present,
              const std::string& absent) {
  return {"BackendMissing", rule + " has a backendRef that sets " + header + ": " + present +
                                " and none that sets " + header + ": " + absent +
                                "; add one to the same Service with such a filter and weight 0"};
}

}  // namespace

BackendPair variant_pair() {
  return {kBaselineVariant, kCandidateVariant};
}

HttpRoute by_variant(const HttpRoute& route, const std::string& header) {
  HttpRoute named = route;
  for (auto& rule : named.rules) {
    for (auto& reference : rule) reference.name = variant_of(reference, header);
  }
  return named;
}

std::optional<Problem> variant_problem(const HttpRoute& route, const std::string& header) {
  bool concerned = false;
  for (std::size_t index = 0; index < route.rules.size(); ++index) {
    const std::string rule = "HTTPRoute " + route.meta.key.name + ", rule " + std::to_string(index + 1);
    const auto* baseline = forcing(route.rules[index], header, kBaselineVariant);
    const auto* candidate = forcing(route.rules[index], header, kCandidateVariant);
    if (baseline == nullptr && candidate == nullptr) continue;
    if (candidate == nullptr) return lacks(rule, header, kBaselineVariant, kCandidateVariant);
    if (baseline == nullptr) return lacks(rule, header, kCandidateVariant, kBaselineVariant);
    for (const char* variant : {kBaselineVariant, kCandidateVariant}) {
      if (count(route.rules[index], header, variant) > 1) return repeats(rule, header, variant);
    }
    if (baseline->name != candidate->name) {
      return Problem{"BackendsDiffer", rule + " sends baseline to Service " + baseline->name +
                                           " and candidate to " + candidate->name +
                                           "; there is one gateway: write its Service in both"};
    }
    concerned = true;
  }
  if (concerned) return std::nullopt;
  return Problem{
      "BackendsMissing",
      "HTTPRoute " + route.meta.key.name + " has no rule that forces the gateway's variants; write " +
          "two backendRefs to the gateway's Service, each with a filter RequestHeaderModifier: one " +
          "sets " + header + ": baseline with weight 100, the other " + header + ": candidate with weight 0"};
}

}  // namespace seraphim::traffic
