// What is known of the models that SeraphimDeployments name. TorchServe has no watch: it is asked, often
// while something that was asked for is not there yet, seldom when all is as wanted.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "kubernetes/clock.h"
#include "kubernetes/object_meta.h"
#include "workload/torch_serve_client.h"
#include "workload/torch_serve_servers.h"

namespace seraphim::workload {

/// The newest answer about one model.
struct ModelState {
  std::vector<ModelVersion> versions{};
  std::string default_version{};
  std::string problem{};  ///< why the last question got no answer; the rest is then what was known before
  bool current = false;   ///< the answer is not too old to be relied on
  const ModelVersion* find(const std::string& version) const;
};

/// Thread-safe; step() is for one thread.
class TorchServeWatch {
 public:
  TorchServeWatch(TorchServeServers& servers, const kubernetes::Clock& clock)
      : servers_(servers), clock_(clock) {}

  /// The models that an object names, each with the versions that are its own. Repeating it changes nothing.
  using Models = std::map<ModelKey, std::set<std::string>>;
  void watch(const kubernetes::ObjectKey& object, const Models& models);
  void forget(const kubernetes::ObjectKey& object);
  /// Nothing before the first question came to an end.
  std::optional<ModelState> latest(const ModelKey& model) const;
  /// Something was changed there: ask at once, and believe no answer that was on its way.
  void look_soon(const ModelKey& model);

  /// Asks for what is due and returns the objects whose models changed.
  std::vector<kubernetes::ObjectKey> step(const std::stop_token& stop);
  /// When step() is to be called next; nothing when nobody names a TorchServe.
  std::optional<kubernetes::SteadyTime> next_due() const;
  /// Told, outside of locks, when next_due() came nearer.
  void on_sooner(std::function<void()> wake) { wake_ = std::move(wake); }

 private:
  struct Subject {
    std::map<kubernetes::ObjectKey, std::set<std::string>> named_by{};  ///< and the versions of interest
    kubernetes::SteadyTime due{};
    std::optional<kubernetes::SteadyTime> answered{};
    std::optional<ModelState> state{};
    std::uint64_t changes = 0;
  };
  using Answer = kubernetes::Result<ModelState>;

  Answer ask(const ModelKey& model, const std::stop_token& stop);
  /// True when people who name it should know.
  bool take(Subject& subject, Answer answer);
  bool is_current(const Subject& subject) const;
  void drop_unnamed();

  TorchServeServers& servers_;
  const kubernetes::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<ModelKey, Subject> subjects_;
  std::function<void()> wake_;
};

}  // namespace seraphim::workload
