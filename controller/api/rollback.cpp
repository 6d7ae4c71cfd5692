#include "api/rollback.h"

namespace seraphim::api {

bool is_by_hand(const RollbackStatus& rollback) {
  return rollback.reason == kCancelled || rollback.reason == kTakenBack || rollback.reason == kReverted;
}

bool rolled_back_as_failed(const Status& status, const std::string& revision) {
  return status.last_rollback && status.last_rollback->from_revision == revision &&
         !is_by_hand(*status.last_rollback);
}

}  // namespace seraphim::api
