#include "workload/pod.h"

#include <nlohmann/json.hpp>

#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;

std::string sentence(const std::string& reason, const std::string& message) {
  return message.empty() ? reason : reason + ": " + message;
}

/// Waiting that is a stage of a normal start is no problem.
bool is_normal(const std::string& reason) {
  return reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing";
}

std::string container_problem(const json& statuses) {
  for (const json& container : statuses) {
    const json& state = member(container, "state");
    const json& waiting = member(state, "waiting");
    if (const auto reason = text_or(waiting, "reason"); !is_normal(reason)) {
      return sentence(reason, text_or(waiting, "message"));
    }
    const json& ended = member(state, "terminated");
    if (ended.is_object() && int32_or(ended, "exitCode", 0) != 0) {
      return "container " + text_or(container, "name") + " ended with exit code " +
             std::to_string(int32_or(ended, "exitCode", 0));
    }
  }
  return {};
}

std::string scheduling_problem(const json& status) {
  for (const json& condition : elements(status, "conditions")) {
    if (text_or(condition, "type") == "PodScheduled" && text_or(condition, "status") == "False") {
      return sentence(text_or(condition, "reason", "Unschedulable"), text_or(condition, "message"));
    }
  }
  return {};
}

}  // namespace

const ResourceType& Resource<workload::Pod>::type() {
  static const ResourceType type{"", "v1", "pods", "Pod"};
  return type;
}

tl::expected<workload::Pod, std::string> Resource<workload::Pod>::decode(const json& object) {
  workload::Pod pod;
  pod.meta = decode_meta(object);
  const json& status = member(object, "status");
  pod.problem = scheduling_problem(status);
  if (pod.problem.empty()) pod.problem = container_problem(elements(status, "initContainerStatuses"));
  if (pod.problem.empty()) pod.problem = container_problem(elements(status, "containerStatuses"));
  if (pod.problem.empty() && text_or(status, "phase") == "Failed") {
    pod.problem = sentence(text_or(status, "reason", "Failed"), text_or(status, "message"));
  }
  return pod;
}

}  // namespace seraphim::kubernetes
