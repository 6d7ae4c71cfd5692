// What a person may ask of a rollout, as changes. Pure: decided from what was read, nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/change.h"
#include "cli/deployment.h"

namespace seraphim::cli {

/// The annotation of the current step's approval.
Proposal propose_approval(const api::SeraphimDeployment& object);
Proposal propose_pause(const api::SeraphimDeployment& object, bool paused);
/// `token`: any value that the annotation never had.
Proposal propose_retry(const api::SeraphimDeployment& object, const std::vector<Record>& records,
                       const std::string& token);
/// The candidate gives up its traffic: the spec goes back to the stable revision.
Proposal propose_abort(const api::SeraphimDeployment& object, const std::vector<Record>& records);

/// What spec.workload becomes: as recorded, but for how much of it runs, since capacity is of now.
std::string workload_to_restore(const Record& record, const api::SeraphimDeployment& object);

struct RollbackWish {
  std::optional<std::int64_t>
      to{};                   ///< number of a revision; none: the newest healthy one before the present
  bool retry_failed = false;  ///< a revision that failed may be tried again
  std::string token{};        ///< for the retry annotation
};
/// The spec goes back to a recorded revision.
Proposal propose_rollback(const api::SeraphimDeployment& object, const std::vector<Record>& records,
                          const RollbackWish& wish);

}  // namespace seraphim::cli
