#include "rollout/full_size.h"

namespace seraphim::rollout {
namespace {

FullSize size_of(const api::PodsWorkload& pods) {
  return {.replicas = pods.replicas, .progress_deadline = pods.progress_deadline, .unit = "pod"};
}

FullSize size_of(const api::TorchServeWorkload& model) {
  return {.replicas = model.initial_workers, .progress_deadline = model.progress_deadline, .unit = "worker"};
}

}  // namespace

FullSize full_size(const api::Workload& workload) {
  return std::visit([](const auto& kind) { return size_of(kind); }, workload);
}

}  // namespace seraphim::rollout
