#include "chart.h"

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>

#include "environment.h"

namespace seraphim::cluster {
namespace {

YAML::Node about_chart(const std::filesystem::path& chart) {
  const Output shown = helm({"show", "chart", chart.string()});
  if (shown.code != 0) throw std::runtime_error(shown.text);
  return YAML::Load(shown.text);
}

/// As Grafana sends it.
std::string filled_in(std::string expression, const std::string& namespace_) {
  const std::pair<const char*, std::string> variables[] = {
      {R"(\$\{?namespace\b\}?)", namespace_}, {R"(\$\{?name\b\}?)", ".*"}, {R"(\$__\w+)", "1m"}};
  for (const auto& [variable, value] : variables)
    expression = std::regex_replace(expression, std::regex(variable), value);
  if (expression.find('$') != std::string::npos)
    throw std::runtime_error("the tests know no value for a variable of: " + expression);
  return expression;
}

}  // namespace

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::filesystem::path chart() {
  return SERAPHIM_SOURCE_DIR "/charts/seraphim-operator";
}

std::filesystem::path previous_chart() {
  return SERAPHIM_SOURCE_DIR "/tests/data/seraphim-operator-0.1.0.tgz";
}

std::string name_and_version(const std::filesystem::path& chart) {
  const YAML::Node about = about_chart(chart);
  return about["name"].as<std::string>() + "-" + about["version"].as<std::string>();
}

std::string operator_version() {
  return about_chart(chart())["appVersion"].as<std::string>();
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

std::vector<PanelQuery> dashboard_queries(const std::string& namespace_) {
  std::vector<PanelQuery> queries;
  const auto dashboard = nlohmann::json::parse(read_file(chart() / "files/dashboard.json"));
  for (const auto& panel : dashboard.at("panels")) {
    for (const auto& target : panel.at("targets"))
      queries.push_back({panel.at("title"), filled_in(target.at("expr"), namespace_)});
  }
  return queries;
}

}  // namespace seraphim::cluster
