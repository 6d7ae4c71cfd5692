// One test's part of the real cluster: a namespace of its own, a client, watches to wait on, and the history
// of the route's weights. Everything goes with it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "child_process.h"
#include "kubernetes/api_client.h"
#include "manifests.h"
#include "operator/informers.h"
#include "running_program.h"
#include "seen_event.h"

namespace seraphim::cluster {

/// The candidate's share of one route as the API server had it, from `at` on.
struct WeightChange {
  std::chrono::system_clock::time_point at;
  std::int64_t stable = 0, candidate = 0;
};

class World {
 public:
  World();
  ~World();
  World(const World&) = delete;

  const std::string& name() const { return namespace_; }
  kubernetes::ApiClient& client() { return *client_; }
  kubernetes::Transport& transport() { return *transport_; }
  const op::ClusterView& view() const { return view_; }

  /// Server-side apply as a user; throws with the API server's sentence.
  void apply(const nlohmann::json& object);
  void apply(DeploymentManifest manifest);
  /// Creates the route that goes with a deployment of that name.
  void apply_route(const std::string& name = "web") { apply(route_manifest(namespace_, name)); }
  void annotate(const std::string& deployment, const std::string& key, const std::string& value);
  /// As a person with kubectl edit: stable and candidate weights of the route's first rule.
  void edit_weights(const std::string& route, int stable, int candidate);

  /// The last known state; throws when there is none.
  api::SeraphimDeployment deployment(const std::string& name = "web") const;
  api::Status status(const std::string& name = "web") const { return deployment(name).status; }
  std::vector<api::Revision> revisions(const std::string& name = "web") const;
  std::vector<WeightChange> weights(const std::string& route = "web") const;
  std::vector<SeenEvent> events(const std::string& deployment = "web") const;

  /// Waits until the condition holds; it is asked again at each change of a watched object. The failure
  /// message holds the state of all deployments.
  ::testing::AssertionResult wait_for(const std::string& what, const std::function<bool()>& condition,
                                      std::chrono::seconds limit = std::chrono::seconds(60));
  ::testing::AssertionResult wait_for_phase(api::Phase phase, const std::string& name = "web",
                                            std::chrono::seconds limit = std::chrono::seconds(60));
  std::string describe() const;

 private:
  void note_route(const traffic::HttpRoute& route);

  std::string namespace_;
  std::unique_ptr<kubernetes::Transport> transport_;
  std::unique_ptr<kubernetes::ApiClient> client_;
  std::unique_ptr<op::Informers> informers_;
  op::ClusterView view_;
  std::unique_ptr<kubernetes::Informer<SeenEvent>> events_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t changes_ = 0;
  std::map<std::string, std::vector<WeightChange>> weights_;
};

/// Candidate weights in the order in which the route had them.
std::vector<std::int64_t> candidate_weights(const World& world, const std::string& route = "web");

/// The operator under test, with no more rights than it needs: on this host, or as the chart's pod
/// (operator_pod.h).
class Operator {
 public:
  struct Settings {
    std::string identity = "one";
    std::vector<std::string> more_flags{};
    std::vector<std::string> under{};    ///< a command that runs it: ip netns exec ...
    std::filesystem::path kubeconfig{};  ///< empty: that of its own user
    std::filesystem::path log{};         ///< empty: a file of its own
    std::string metrics_address{};       ///< empty: no /metrics
    std::string chart_values{};          ///< more of the chart's, in a pod: as `--set` takes them
  };
  explicit Operator(const World& world) : Operator(world, Settings{}) {}
  Operator(const World& world, const Settings& settings);
  /// SIGTERM; expects a clean end.
  ~Operator();

  pid_t pid() const { return program_->pid(); }
  void kill();  ///< SIGKILL
  void signal(int number) const { program_->signal(number); }
  /// Waits for an end that nobody asked for; the exit code.
  std::optional<int> end(std::chrono::seconds limit);
  /// SIGTERM and wait; the exit code.
  std::optional<int> terminate(std::chrono::seconds limit = std::chrono::seconds(30));
  /// True when it ended by itself within the time.
  bool wait_for_end(std::chrono::milliseconds limit) { return program_->wait(limit).has_value(); }
  std::string log() const;
  /// With what it has said up to now.
  const std::filesystem::path& log_file() const;

 private:
  std::filesystem::path log_file_;
  std::unique_ptr<RunningProgram> program_;
  bool ended_ = false;
};

/// Requests through the router, at a fixed rate; see tests/demo/README.md.
class Load {
 public:
  /// To the host of the world's route, or to another one; through the cluster's router, or another one.
  Load(const World& world, double per_second, const std::string& host = {}, const std::string& router = {});
  ~Load();
  /// The totals so far, whole seconds excluded nothing: see GET /status of the load generator.
  nlohmann::json status() const;
  void mark(const std::string& window) const;
  /// Waits for `count` answers.
  ::testing::AssertionResult wait_for_answers(std::int64_t count) const;
  /// Waits for `count` good answers: the router knows the route.
  ::testing::AssertionResult wait_for_good_answers(std::int64_t count) const;
  /// Waits until the router does as it was told: of some 20 answers in a row, about this percent are the
  /// version's.
  ::testing::AssertionResult wait_for_share(const std::string& version, double percent) const;
  /// Waits until this version has not answered for half a second, while others have.
  ::testing::AssertionResult wait_until_silent(const std::string& version) const;

 private:
  ::testing::AssertionResult wait_until(const std::function<bool(const nlohmann::json&)>& condition) const;

  int port_;
  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<kubernetes::Transport> transport_;
};

int free_port();

/// How often this version answered, in a window or a status of the load generator.
std::int64_t answers_of(const nlohmann::json& window, const std::string& version);
/// All answers of a window or a status of the load generator.
std::int64_t answers_of(const nlohmann::json& window);

}  // namespace seraphim::cluster
