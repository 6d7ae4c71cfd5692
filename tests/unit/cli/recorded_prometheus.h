// A Prometheus server in memory that has recorded a history, and the surroundings of a command that asks it.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "cli/program.h"
#include "kubernetes/fake_transport.h"
#include "replay/recorded_traffic.h"

namespace seraphim::cli::testing {

using nlohmann::json;

inline std::string decode_form(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::strtol(text.substr(i + 1, 2).c_str(), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Answers range queries of an explicit time, and the count by revision.
class RecordedPrometheus {
 public:
  explicit RecordedPrometheus(replay::History history) : history_(std::move(history)) {}

  kubernetes::Response answer(const kubernetes::Request& request) const {
    const std::string form = decode_form(request.body);
    if (form.find("count by (revision)") != std::string::npos) return revisions();
    std::smatch found;
    static const std::regex kForm(R"(\[(\d+)(ms|s)\]&timeout=.*&time=(.*)$)");
    if (!std::regex_search(form, found, kForm)) return kubernetes::testing::reply(400, "no window: " + form);
    const auto count = std::stoll(found[1]);
    const api::Duration window(found[2] == "s" ? count * 1000 : count);
    const api::Time end = *api::parse_time(found[3].str());
    const auto& all = std::get<analysis::Samples>(history_.answers.requests);
    json result = json::array();
    add(all.baseline, history_.stable, end - window, end, form, result);
    add(all.candidate, history_.candidate, end - window, end, form, result);
    return success("matrix", result);
  }

 private:
  static kubernetes::Response success(const char* type, const json& result) {
    return kubernetes::testing::ok(
        json{{"status", "success"}, {"data", {{"resultType", type}, {"result", result}}}}.dump());
  }
  kubernetes::Response revisions() const {
    json result = json::array();
    for (const auto& revision : {history_.candidate, history_.stable})
      result.push_back({{"metric", {{"revision", revision}}}, {"value", {1, "4"}}});
    return success("vector", result);
  }
  static void add(const std::vector<analysis::CounterSample>& samples, const std::string& revision,
                  api::Time after, api::Time until, const std::string& form, json& result) {
    if (form.find(revision) == std::string::npos) return;
    std::map<std::pair<std::string, std::string>, json> series;
    for (const auto& sample : samples) {
      if (sample.at <= after || sample.at > until) continue;
      const auto pod = sample.target.substr(sample.target.find("pod=") + 4);
      series[{pod.substr(0, pod.find('\n')), sample.outcome}].push_back(
          {static_cast<double>(sample.at.time_since_epoch().count()) / 1000, std::to_string(sample.value)});
    }
    for (const auto& [key, values] : series) {
      result.push_back({{"metric",
                         {{"__name__", "seraphim_inference_requests_total"},
                          {"namespace", "shop"},
                          {"pod", key.first},
                          {"revision", revision},
                          {"outcome", key.second}}},
                        {"values", values}});
    }
  }

  replay::History history_;
};

struct Outcome {
  int code = -1;
  std::string out, err;
};

inline constexpr const char* kManifest = R"(apiVersion: v1
kind: Service
metadata: {name: other}
---
apiVersion: serving.seraphim.io/v1alpha1
kind: SeraphimDeployment
metadata: {name: sentiment, namespace: shop}
spec:
  workload:
    pods: {replicas: 2, template: {spec: {containers: [{name: model, image: "example.com/model:2"}]}}}
  traffic: {gatewayAPI: {routes: [{name: sentiment}]}}
  strategy:
    canary:
      steps: [{weight: 10, hold: 5s}, {weight: 25, hold: 5s}, {weight: "50%", hold: 5s}]
  analysis: {prometheus: {address: "http://prometheus:9090"}, interval: 1s}
)";

/// Runs the program beside such a server; files live in a folder of its own.
class Desk {
 public:
  explicit Desk(replay::History history) : prometheus_(std::move(history)) {
    std::string name = (std::filesystem::temp_directory_path() / "seraphim-cli-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    transport_->otherwise([this](const kubernetes::Request& request) { return prometheus_.answer(request); });
    write("manifest.yaml", kManifest);
  }
  ~Desk() { std::filesystem::remove_all(folder_); }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }
  std::string input{};  ///< the standard input
  api::Time now = replay::testing::kBegin + std::chrono::minutes(20);
  std::vector<std::string> addresses{};  ///< that were asked

  Outcome run(std::vector<std::string> words) {
    words.insert(words.begin(), "kubectl-seraphim");
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    std::istringstream in(input);
    std::ostringstream out, err;
    const Surroundings surroundings{.transport_for =
                                        [this](const std::string& address) {
                                          addresses.push_back(address);
                                          return transport_;
                                        },
                                    .now = [this] { return now; },
                                    .in = in,
                                    .out = out,
                                    .err = err};
    const int code = cli::run(static_cast<int>(argv.size()), argv.data(), surroundings);
    return {code, out.str(), err.str()};
  }
  /// simulate of the last hour, with more options; of a-2 beside a-1 unless they name others.
  Outcome simulate(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"simulate", "-f", path("manifest.yaml")};
    const bool named = std::find(more.begin(), more.end(), "--stable") != more.end();
    if (!named) words.insert(words.end(), {"--stable", "a-1", "--candidate", "a-2"});
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  kubernetes::testing::FakeTransport& transport() { return *transport_; }

 private:
  RecordedPrometheus prometheus_;
  std::filesystem::path folder_;
  std::shared_ptr<kubernetes::testing::FakeTransport> transport_ =
      std::make_shared<kubernetes::testing::FakeTransport>();
};

}  // namespace seraphim::cli::testing
