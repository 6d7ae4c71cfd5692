#include "workload/torch_serve_steps.h"

#include <algorithm>

#include "api/quote.h"

namespace seraphim::workload {
namespace {

using kubernetes::ApiError;
using kubernetes::Result;
using Wait = TorchServeClient::Wait;
using Bounds = TorchServeClient::Bounds;
using Versions = std::vector<ModelVersion>;

// Longer than TorchServe's own patience with a worker that starts (120 s). Whoever is cut off looks again.
constexpr std::chrono::milliseconds kLoading{240'000};
constexpr std::chrono::milliseconds kQuick{10'000};

const ModelVersion* find(const Versions& versions, const std::string& version) {
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const auto& candidate) { return candidate.version == version; });
  return found == versions.end() ? nullptr : &*found;
}

tl::unexpected<ApiError> refused(std::string message) {
  return tl::unexpected(ApiError{.kind = ApiError::Kind::invalid, .message = std::move(message)});
}

/// The steps towards one goal.
class Steps {
 public:
  Steps(const VersionKey& what, TorchServeClient& client, std::stop_token stop)
      : what_(what), model_(what.on.model), client_(client), stop_(std::move(stop)) {}

  Result<void> operator()(const HaveWorkers& goal) {
    const auto versions = client_.versions(model_, quick());
    if (!versions) return tl::unexpected(versions.error());
    if (const auto* version = find(*versions, what_.version)) return adjust(*version, goal.count);
    if (goal.count == 0) return {};
    return add(goal.count, *versions);
  }

  Result<void> operator()(const BeGone& goal) {
    const auto versions = client_.versions(model_, quick());
    if (!versions) return tl::unexpected(versions.error());
    const auto* version = find(*versions, what_.version);
    if (version == nullptr || version->url != what_.url) return {};  // gone, or not ours
    if (versions->size() > 1) {
      if (auto handed = hand_default_over(goal, *versions); !handed) return handed;
    }
    return client_.remove(model_, what_.version, quick());
  }

  Result<void> operator()(const BeDefault&) { return client_.set_default(model_, what_.version, quick()); }

 private:
  Bounds quick() const { return {kQuick, stop_}; }
  Bounds loading() const { return {kLoading, stop_}; }

  std::string name() const { return model_ + " " + what_.version; }

  Result<void> adjust(const ModelVersion& version, std::int32_t workers) {
    if (version.url != what_.url) return foreign(version);
    if (version.min_workers == workers) return {};
    const bool more = workers > version.min_workers;
    return client_.scale(model_, what_.version, workers, more ? Wait::for_workers : Wait::not_at_all,
                         more ? loading() : quick());
  }

  tl::unexpected<ApiError> foreign(const ModelVersion& version) const {
    return refused(name() + " is registered at " + what_.on.server.address + " from " +
                   api::quote(version.url) + ", not from " + api::quote(what_.url) +
                   "; give the new archive another version, or unregister that one");
  }

  Result<void> add(std::int32_t workers, const Versions& before) {
    auto added = client_.add(model_, what_.url, workers, Wait::for_workers, loading());
    if (!added && added.error().kind == ApiError::Kind::already_exists)
      return there_already(workers, added.error());
    if (!added) {
      if (added.error().http == 500) clean_up();
      return added;
    }
    const auto after = client_.versions(model_, quick());
    if (!after) return tl::unexpected(after.error());
    if (const auto* version = find(*after, what_.version)) return adjust(*version, workers);
    return another_version(before, *after);
  }

  /// A version whose workers did not start stays registered: without it the next try loads the archive anew.
  void clean_up() {
    const auto versions = client_.versions(model_, quick());
    const auto* left = versions ? find(*versions, what_.version) : nullptr;
    if (left != nullptr && left->url == what_.url && left->min_workers == 0)
      (void)client_.remove(model_, what_.version, quick());
  }

  /// Registered in between, or the archive holds a version that is there.
  Result<void> there_already(std::int32_t workers, const ApiError& conflict) {
    const auto versions = client_.versions(model_, quick());
    if (!versions) return tl::unexpected(versions.error());
    if (const auto* version = find(*versions, what_.version)) return adjust(*version, workers);
    return refused("the archive " + api::quote(what_.url) + " does not hold version " +
                   api::quote(what_.version) + " (" + conflict.message +
                   "); write the archive's own version into model.version");
  }

  /// What was registered is not what the spec says.
  Result<void> another_version(const Versions& before, const Versions& after) {
    std::string held;
    for (const auto& version : after) {
      if (version.url == what_.url && find(before, version.version) == nullptr) held = version.version;
    }
    if (!held.empty()) (void)client_.remove(model_, held, quick());
    return refused("the archive " + api::quote(what_.url) + " holds version " + api::quote(held) + ", not " +
                   api::quote(what_.version) +
                   ": it was unregistered again; write the archive's own version into model.version");
  }

  Result<void> hand_default_over(const BeGone& goal, const Versions& versions) {
    const auto chosen = client_.default_version(model_, quick());
    if (!chosen) return tl::unexpected(chosen.error());
    if (*chosen != what_.version) return {};
    if (goal.default_instead.empty() || goal.default_instead == what_.version ||
        find(versions, goal.default_instead) == nullptr) {
      return refused(name() + " is the default version at " + what_.on.server.address +
                     " and cannot be unregistered; make another version the default one");
    }
    return client_.set_default(model_, goal.default_instead, quick());
  }

  const VersionKey& what_;
  const std::string& model_;
  TorchServeClient& client_;
  const std::stop_token stop_;
};

}  // namespace

Result<void> carry_out(const Order& order, TorchServeClient& client, const std::stop_token& stop) {
  return std::visit(Steps(order.what, client, stop), order.goal);
}

}  // namespace seraphim::workload
