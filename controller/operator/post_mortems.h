// Writes a post-mortem for every rollback, and once more when its verification ends. On a thread of its own
// (poll_runner.h): never in the way of a rollback.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "kubernetes/api_client.h"
#include "kubernetes/clock.h"
#include "kubernetes/event_recorder.h"
#include "operator/cluster_view.h"
#include "operator/incident_reader.h"
#include "report/incident.h"
#include "rollout/plan.h"

namespace spdlog {
class logger;
}

namespace seraphim::op {

/// Thread-safe; step() is for one thread. Which ones are to be written follows from the status alone, so a
/// restart loses none: it asks once for the document of each object that has a lastRollback. One of more than
/// a day ago gets none any more: an upgrade is no reason to write about the past. With nothing new nothing is
/// asked and nothing is written.
class PostMortems {
 public:
  struct Parts {
    ClusterView view;
    kubernetes::ApiClient& client;
    IncidentReader::TransportFor transport_for;  ///< to a Prometheus
    kubernetes::EventRecorder& events;
    const kubernetes::Clock& clock;
    spdlog::logger& log;
  };
  explicit PostMortems(Parts parts);

  /// A line of the story: it may take a while to become an Event, and Events do not stay for long.
  void told(const kubernetes::ObjectKey& key, const rollout::Narrative& narrative);
  /// The object is now like this.
  void changed(const std::shared_ptr<const DeploymentObject>& object);
  void forget(const kubernetes::ObjectKey& key);

  // As poll_runner.h wants it. No object needs a look afterwards.
  std::vector<kubernetes::ObjectKey> step(const std::stop_token& stop);
  std::optional<kubernetes::SteadyTime> next_due() const;
  /// Told, outside of locks, when next_due() came nearer.
  void on_sooner(std::function<void()> wake) { wake_ = std::move(wake); }

 private:
  using Pointer = std::shared_ptr<const DeploymentObject>;
  struct Job {
    Pointer first, latest;  ///< as it was after the rollback, and as it is now
    std::vector<report::Told> remembered{};
    kubernetes::SteadyTime due{};
    int failures = 0;
    bool created = false;  ///< by this process: older ones are still to be deleted
    bool closing = false;  ///< only says in a document that is there that its verification came to no end
  };
  /// What a document says that needs nothing more for now.
  struct Done {
    kubernetes::ObjectKey document;
    api::RollbackStatus rollback;
  };

  bool is_done(const DeploymentObject& object) const;
  /// True when there is something new to do.
  bool close_earlier(const DeploymentObject& object);
  bool place(const Pointer& object);
  void drop_oldest(const kubernetes::ObjectKey& key);
  std::optional<std::pair<kubernetes::ObjectKey, Job>> take_due() const;
  kubernetes::Result<void> write(const kubernetes::ObjectKey& document, Job& job,
                                 const std::stop_token& stop);
  kubernetes::Result<void> create(Job& job, const std::stop_token& stop);
  kubernetes::Result<void> prune(const Job& job, const std::stop_token& stop);
  void book(const kubernetes::ObjectKey& document, const Job& job, const kubernetes::Result<void>& result);
  void tell_failure(const kubernetes::ObjectKey& document, const Job& job, const kubernetes::ApiError& error);
  void tell(const DeploymentObject& object, bool good, const std::string& note);

  Parts parts_;
  IncidentReader reader_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;                                            ///< guards the rest
  std::map<kubernetes::ObjectKey, Job> jobs_;                           ///< by the document
  bool writing_ = false;                                                ///< step() has been called
  std::map<kubernetes::ObjectKey, Done> done_;                          ///< by the SeraphimDeployment
  std::map<kubernetes::ObjectKey, std::vector<report::Told>> stories_;  ///< by the SeraphimDeployment
};

}  // namespace seraphim::op
