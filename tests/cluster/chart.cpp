#include "chart.h"

#include <yaml-cpp/yaml.h>

#include <stdexcept>

#include "environment.h"

namespace seraphim::cluster {

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::filesystem::path chart() {
  return SERAPHIM_SOURCE_DIR "/charts/seraphim-operator";
}

Output helm(const Words& words) {
  return run(with({variable("SERAPHIM_HELM")}, words), {}, std::chrono::minutes(3));
}

Output render(const Words& settings) {
  return helm(with({"template", "seraphim", chart().string(), "--kube-version", "1.35.0", "--skip-tests",
                    "--namespace", "default"},
                   settings));
}

std::string rendered_rules() {
  const Output rendered = render(
      {"--set", "metrics.prometheusRule.enabled=true", "--show-only", "templates/prometheusrule.yaml"});
  if (rendered.code != 0) throw std::runtime_error(rendered.text);
  YAML::Emitter rules;
  rules << YAML::Load(rendered.text)["spec"];
  return std::string(rules.c_str()) + "\n";
}

std::vector<Alert> alerts() {
  std::vector<Alert> all;
  const YAML::Node rules = YAML::Load(rendered_rules());
  for (const auto& group : rules["groups"]) {
    for (const auto& rule : group["rules"])
      all.push_back({rule["alert"].as<std::string>(), rule["expr"].as<std::string>()});
  }
  return all;
}

}  // namespace seraphim::cluster
