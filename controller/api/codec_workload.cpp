// spec.workload: what runs. The same block is what a ControllerRevision records.
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/codec_parts.h"
#include "api/names.h"
#include "api/quote.h"
#include "api/raw_json.h"

namespace seraphim::api {
namespace {

using nlohmann::json;

constexpr std::string_view kOwnLabels = "serving.seraphim.io/";
constexpr std::int32_t kLongestWait = 86'400;  // seconds

void read_seconds(const Fields& fields, std::string_view name, std::chrono::seconds& into,
                  std::int32_t least) {
  auto seconds = static_cast<std::int32_t>(into.count());
  fields.read(name, seconds, {least, kLongestWait});
  into = std::chrono::seconds(seconds);
}

const json* member(const json* object, const char* name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &*found;
}

/// Says what would stop every pod of this template. The rest is for the API server to judge.
void check_template(const json& value, const std::string& path, Problems& problems) {
  if (!value.is_object()) {
    problems.add(path, describe(value) + " is not a pod template; write an object with metadata and spec");
    return;
  }
  const json* spec = member(&value, "spec");
  const json* containers = member(spec, "containers");
  if (containers == nullptr || !containers->is_array() || containers->empty()) {
    problems.add(path + ".spec.containers", "no container; write a list with at least one");
  }
  const json* restart = member(spec, "restartPolicy");
  if (!is_absent(restart) && *restart != "Always") {
    problems.add(path + ".spec.restartPolicy",
                 describe(*restart) + " cannot be used; write Always, or leave it out");
  }
  const json* labels = member(member(&value, "metadata"), "labels");
  if (is_absent(labels) || !labels->is_object()) return;
  for (const auto& [name, ignored] : labels->items()) {
    if (name.compare(0, kOwnLabels.size(), kOwnLabels) != 0) continue;
    problems.add(path + ".metadata.labels", quote(name) + " is set by the operator itself; remove it");
  }
}

PodsWorkload read_pods(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(
      value, path, {"replicas", "port", "minReadySeconds", "progressDeadlineSeconds", "template"}, problems);
  PodsWorkload pods;
  fields.read("replicas", pods.replicas, {1, 10'000});
  fields.read("port", pods.port, {1, 65'535});
  read_seconds(fields, "minReadySeconds", pods.min_ready, 0);
  read_seconds(fields, "progressDeadlineSeconds", pods.progress_deadline, 1);
  if (pods.progress_deadline <= pods.min_ready) {
    problems.add(fields.path("progressDeadlineSeconds"),
                 "no pod can be available in time; write more than minReadySeconds, which is " +
                     std::to_string(pods.min_ready.count()));
  }
  const json* pod_template = fields.require("template", "a pod template with metadata and spec");
  if (pod_template == nullptr) return pods;
  check_template(*pod_template, fields.path("template"), problems);
  if (const auto raw = canonical(*pod_template)) {
    pods.pod_template = *raw;
  } else {
    problems.add(fields.path("template"),
                 "it is nested too deeply; write a pod template of at most 64 levels");
  }
  return pods;
}

TokenSecret read_token_secret(const json& value, const std::string& path, Problems& problems) {
  constexpr const char* kNameHint = "the name of a Secret in the same namespace";
  const Fields fields(value, path, {"name", "key", "overPlainHTTP"}, problems);
  TokenSecret secret;
  if (fields.require("name", kNameHint) != nullptr)
    fields.read("name", secret.name, is_object_name, kNameHint);
  fields.read("key", secret.key, is_secret_key, "a key of the Secret, such as token");
  fields.read("overPlainHTTP", secret.over_plain_http);
  return secret;
}

/// A token by http:// is everybody's on the way: a person has to say that this is so wanted.
void check_token_way(const TorchServeWorkload& workload, const std::string& path, Problems& problems) {
  if (!workload.token_secret || workload.token_secret->over_plain_http) return;
  if (!workload.management_url.starts_with("http://")) return;
  problems.add(path,
               "everybody between the operator and " + workload.management_url +
                   " could read the token; write an https:// managementURL, or overPlainHTTP: true where the "
                   "network is trusted");
}

TorchServeWorkload read_torch_serve(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"managementURL", "progressDeadlineSeconds", "tokenSecret", "model"},
                      problems);
  TorchServeWorkload workload;
  const auto text = [](const Fields& from, const char* name, std::string& into, Fields::TextRule rule,
                       const char* hint) {
    if (from.require(name, hint) != nullptr) from.read(name, into, rule, hint);
  };
  text(fields, "managementURL", workload.management_url, is_http_url,
       "the URL of TorchServe's management API, such as http://torchserve:8081");
  read_seconds(fields, "progressDeadlineSeconds", workload.progress_deadline, 1);
  if (const json* secret = fields.find("tokenSecret")) {
    workload.token_secret = read_token_secret(*secret, fields.path("tokenSecret"), problems);
    check_token_way(workload, fields.path("tokenSecret"), problems);
  }
  const json* model = fields.require("model", "a model with name, version and url");
  if (model == nullptr) return workload;
  const Fields inner(*model, fields.path("model"), {"name", "version", "url", "initialWorkers"}, problems);
  text(inner, "name", workload.model_name, is_model_word,
       "the model's name: letters, digits, '-', '_' and '.', beginning with a letter or digit");
  text(inner, "version", workload.model_version, is_model_word,
       "the model's version in quotes, such as \"2.0\"");
  text(inner, "url", workload.model_archive_url, is_text, "the model archive, such as custom-text-v2.0.mar");
  inner.read("initialWorkers", workload.initial_workers, {1, 1'000});
  return workload;
}

json encode(const PodsWorkload& pods) {
  return {{"pods",
           {{"replicas", pods.replicas},
            {"port", pods.port},
            {"minReadySeconds", pods.min_ready.count()},
            {"progressDeadlineSeconds", pods.progress_deadline.count()},
            {"template", parse_raw(pods.pod_template)}}}};
}

json encode(const TorchServeWorkload& workload) {
  json block = {{"managementURL", workload.management_url},
                {"progressDeadlineSeconds", workload.progress_deadline.count()},
                {"model",
                 {{"name", workload.model_name},
                  {"version", workload.model_version},
                  {"url", workload.model_archive_url},
                  {"initialWorkers", workload.initial_workers}}}};
  if (const auto& secret = workload.token_secret)
    block["tokenSecret"] = {
        {"name", secret->name}, {"key", secret->key}, {"overPlainHTTP", secret->over_plain_http}};
  return {{"torchServe", std::move(block)}};
}

}  // namespace

Workload read_workload(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"pods", "torchServe"}, problems);
  const json* pods = fields.find("pods");
  const json* torch_serve = fields.find("torchServe");
  if (value.is_object() && (pods == nullptr) == (torch_serve == nullptr)) {
    problems.add(path, std::string(pods == nullptr ? "no workload" : "two workloads") +
                           "; write exactly one of pods and torchServe");
  }
  if (torch_serve != nullptr && pods == nullptr)
    return read_torch_serve(*torch_serve, fields.path("torchServe"), problems);
  if (pods != nullptr) return read_pods(*pods, fields.path("pods"), problems);
  return PodsWorkload{};
}

json encode_workload(const Workload& workload) {
  return std::visit([](const auto& kind) { return encode(kind); }, workload);
}

tl::expected<Workload, std::string> decode_workload(const json& value) {
  Problems problems;
  Workload workload = read_workload(value, "workload", problems);
  if (problems.count() == 0) return workload;
  std::string all;
  for (const auto& sentence : std::move(problems).take()) all += (all.empty() ? "" : "\n") + sentence;
  return tl::unexpected(all);
}

}  // namespace seraphim::api
