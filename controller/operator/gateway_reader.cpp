#include "operator/gateway_reader.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "api/quote.h"
#include "api/time.h"
#include "kubernetes/json_read.h"
#include "traffic/canary_percent.h"
#include "workload/pod.h"

namespace seraphim::op {
namespace {

using namespace std::chrono_literals;
using kubernetes::ObjectKey;
using kubernetes::SteadyTime;
using traffic::GatewayQuestion;
using Json = nlohmann::json;

constexpr auto kAskAgain = 1s;
// The gateway gives its TorchServe 2 s to answer when it is asked for /readyz.
constexpr auto kPodTimeout = 3s;
constexpr int kMostPods = 500;

std::string label_selector(const std::map<std::string, std::string>& labels) {
  std::string text;
  for (const auto& [name, value] : labels) text += (text.empty() ? "" : ",") + name + "=" + value;
  return text;
}

std::string url_of(const std::string& address, std::int32_t port) {
  const bool six = address.find(':') != std::string::npos;
  return "http://" + (six ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

std::string reason_of(const kubernetes::Response& answer) {
  if (answer.status.http != 0) return "HTTP " + std::to_string(answer.status.http);
  return std::string(kubernetes::to_string(answer.status.error)) +
         (answer.status.detail.empty() ? "" : " (" + answer.status.detail + ")");
}

}  // namespace

std::string GatewayReader::unsettled(const ObjectKey& object, const GatewayQuestion& question) {
  bool sooner = false;
  std::string in_the_way;
  {
    const std::lock_guard lock(mutex_);
    Subject& subject = subjects_[object];
    if (subject.question != question) {
      subject = {.question = question,
                 .due = clock_.steady(),
                 .in_the_way = "the pods of Deployment " + question.deployment.name +
                               " have not been asked yet what they run with"};
      sooner = true;
    }
    in_the_way = subject.in_the_way;
  }
  if (sooner && wake_) wake_();
  return in_the_way;
}

void GatewayReader::forget(const ObjectKey& object) {
  const std::lock_guard lock(mutex_);
  subjects_.erase(object);
}

std::optional<SteadyTime> GatewayReader::next_due() const {
  const std::lock_guard lock(mutex_);
  std::optional<SteadyTime> next;
  for (const auto& [key, subject] : subjects_) {
    if (subject.due && (!next || *subject.due < *next)) next = subject.due;
  }
  return next;
}

std::vector<ObjectKey> GatewayReader::step(const std::stop_token& stop) {
  std::vector<std::pair<ObjectKey, GatewayQuestion>> due;
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady();
    for (const auto& [key, subject] : subjects_) {
      if (subject.due && *subject.due <= now) due.emplace_back(key, subject.question);
    }
  }
  std::vector<ObjectKey> changed;
  for (const auto& [key, question] : due) {
    std::string answer = disagreement(question, stop);
    if (stop.stop_requested()) break;
    const std::lock_guard lock(mutex_);
    const auto found = subjects_.find(key);
    if (found == subjects_.end() || found->second.question != question) continue;  // asked anew meanwhile
    if (take_answer(found->second, std::move(answer))) changed.push_back(key);
  }
  return changed;
}

bool GatewayReader::take_answer(Subject& subject, std::string disagreement) const {
  const SteadyTime now = clock_.steady();
  std::string in_the_way = std::move(disagreement);
  subject.due = now + kAskAgain;
  if (!in_the_way.empty()) {
    subject.agreed.reset();
  } else {
    if (!subject.agreed) subject.agreed = now;
    const SteadyTime settled = *subject.agreed + subject.question.settle;
    if (now >= settled) {
      subject.due.reset();
    } else {
      subject.due = settled;
      in_the_way = "all pods of Deployment " + subject.question.deployment.name + " report CANARY_PERCENT " +
                   api::quote(subject.question.canary_percent) + "; it counts after " +
                   api::format_duration(subject.question.settle);
    }
  }
  const bool changed = in_the_way != subject.in_the_way;
  subject.in_the_way = std::move(in_the_way);
  return changed;
}

std::string GatewayReader::disagreement(const GatewayQuestion& question, const std::stop_token& stop) {
  const auto& type = kubernetes::Resource<workload::Pod>::type();
  const auto list =
      client_.list(type, question.deployment.namespace_, label_selector(question.selector), kMostPods, stop);
  if (!list) return "the gateway's pods cannot be listed: " + list.error().message;
  int asked = 0;
  for (const Json& pod : kubernetes::elements(*list, "items")) {
    const std::string name = kubernetes::text_or(kubernetes::member(pod, "metadata"), "name");
    if (!kubernetes::text_or(kubernetes::member(pod, "metadata"), "deletionTimestamp").empty()) continue;
    const Json& status = kubernetes::member(pod, "status");
    const std::string phase = kubernetes::text_or(status, "phase");
    if (phase == "Succeeded" || phase == "Failed") continue;
    const std::string address = kubernetes::text_or(status, "podIP");
    if (address.empty()) return "pod " + name + " has no address yet";
    auto disagrees = disagreement(name, url_of(address, question.port), question, stop);
    if (!disagrees.empty()) return disagrees;
    ++asked;
  }
  return asked > 0 ? std::string() : "Deployment " + question.deployment.name + " has no pods";
}

std::string GatewayReader::disagreement(const std::string& pod, const std::string& url,
                                        const GatewayQuestion& question, const std::stop_token& stop) {
  const auto transport = transport_to_(url);
  const auto config = transport->call({.target = "/observability/config"}, kPodTimeout, stop);
  if (!config.ok()) {
    return "pod " + pod + " does not say what it runs with: GET /observability/config: " + reason_of(config);
  }
  const Json body = Json::parse(config.body, nullptr, false);
  const Json& percent = kubernetes::member(kubernetes::member(body, "environment"), "canary_percent");
  const std::string reported = percent.is_string() ? percent.get<std::string>() : percent.dump();
  const auto share = traffic::read_canary_percent(reported);
  if (!share || share != traffic::read_canary_percent(question.canary_percent)) {
    return "pod " + pod + " reports CANARY_PERCENT " + api::quote(reported) + " in place of " +
           api::quote(question.canary_percent);
  }
  const auto ready = transport->call({.target = "/readyz"}, kPodTimeout, stop);
  if (!ready.ok()) return "pod " + pod + " has no TorchServe behind it: GET /readyz: " + reason_of(ready);
  return {};
}

}  // namespace seraphim::op
