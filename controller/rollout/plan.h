// What a decision asks the shell to do: typed actions in order, the status to write, the story to tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/percent.h"
#include "api/revision.h"
#include "api/status.h"
#include "api/time.h"

namespace seraphim::rollout {

/// Write the ControllerRevision, before anything of it runs. One that exists already under this name stays as
/// it is, number included: that is a success.
struct RecordRevision {
  api::Revision revision;
  bool operator==(const RecordRevision&) const = default;
};
/// Idempotent; none takes a verdict back (retry).
struct MarkVerdict {
  std::string revision;
  api::RevisionVerdict verdict;
  std::string reason;
  bool operator==(const MarkVerdict&) const = default;
};
/// Beyond the history limit: the record goes, with what is left of its workload.
struct DeleteRevision {
  std::string revision;
  bool operator==(const DeleteRevision&) const = default;
};
/// Have this many pods of the revision; creates its workload when there is none.
struct Scale {
  std::string revision;
  std::int32_t replicas;
  bool operator==(const Scale&) const = default;
};
enum class Slot { stable, candidate };
/// Let a backend select another revision; only ever asked for while it has weight 0 (or nothing serves yet).
struct PointBackend {
  Slot slot;
  std::string revision;
  bool operator==(const PointBackend&) const = default;
};
/// Give the candidate backend this share and the stable one the rest. The revisions are those that stand
/// behind the backends now.
struct SetWeight {
  api::Percent weight;
  std::string stable, candidate;
  bool operator==(const SetWeight&) const = default;
};
/// Write the route that the operator owns itself, with the weight it has now (0 when it is new).
struct EnsureRoute {
  api::Percent weight;
  bool operator==(const EnsureRoute&) const = default;
};
using Action =
    std::variant<RecordRevision, MarkVerdict, DeleteRevision, Scale, PointBackend, SetWeight, EnsureRoute>;

/// One line of the story: becomes an Event on the object and a log line.
struct Narrative {
  enum class Kind { normal, warning } kind = Kind::normal;
  std::string reason;         ///< UpperCamelCase
  std::string action;         ///< UpperCamelCase: what the operator did
  std::string message;        ///< with the numbers
  std::string discriminator;  ///< revision and step: the same words about the same step are the same Event
  bool operator==(const Narrative&) const = default;
};

/// Carried out as: the actions in order, then the story, then the status. The shell stops at the first thing
/// that fails and asks again; what comes after it is neither done nor told. Since the story belongs to a
/// change of the status, a crash before the status is written tells it once more in the same words (the same
/// Event), and never loses it.
struct Plan {
  std::vector<Action> actions;
  api::Status status;  ///< written when it differs
  std::vector<Narrative> story;
  /// When a timer is pending, at the latest then. All else that can change the plan is watched: the objects,
  /// the object's own status (a written status is followed by another look) and new assessments.
  std::optional<api::Duration> look_again;
  /// Somebody else may have changed the route: read it afresh and decide again. The plan is empty until then.
  bool confirm_traffic = false;
};

}  // namespace seraphim::rollout
