// One start of the operator: all of its real parts, each with a step that the world calls when it is due.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kubernetes/fenced_transport.h"
#include "kubernetes/leader_election.h"
#include "operator/reconciler.h"
#include "simulation/feed.h"
#include "simulation/telemetry.h"

namespace seraphim::simulation {

struct ProcessSettings {
  int number = 0;
  std::chrono::milliseconds wall_is_ahead{};
  int drift_per_mille = 0;
  bool elects = false;          ///< several of them: the lease decides
  bool streaming_lists = true;  ///< the API server knows WatchList
  bool freezes = false;         ///< and SeraphimFreezes
  bool lively = false;
  Bug bug = Bug::none;
  Seed seed = 0;
};

class Process {
 public:
  Process(LineServices services, Prometheus& prometheus, ProcessSettings settings);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::vector<Part*>& parts() const { return parts_; }
  int number() const { return settings_.number; }
  Line& line() { return line_; }
  MachineClock& clock() { return clock_; }
  bool dead() const { return line_.dead(); }
  /// May write now.
  bool leads() const;
  Feed* feed(Kind kind);
  /// The object as this operator has it in its cache; null when it has none.
  std::shared_ptr<const op::DeploymentObject> known(const kubernetes::ObjectKey& key) const;
  /// As far as this operator knows, and knew when it began what it does now, a freeze is in force for the
  /// object and nobody overrides it.
  bool frozen() const;
  /// It stands still until then: a machine that is suspended, say.
  void freeze_until(SimTime time) { frozen_until_ = time; }
  /// Told of every line of the story.
  std::function<void(const rollout::Narrative&)> on_story{};

 private:
  struct Machinery;

  const ProcessSettings settings_;
  const WorldClock& world_;
  MachineClock clock_;
  Line line_;
  SimTime frozen_until_{};
  std::unique_ptr<Machinery> machinery_;
  std::vector<Part*> parts_;
};

}  // namespace seraphim::simulation
