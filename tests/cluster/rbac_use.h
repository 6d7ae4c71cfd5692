// What the chart lets the operator do, against what operators have done: rights that nobody used are too
// many, and what was forbidden was too few.
#pragma once

#include <string>
#include <vector>

#include "audit_log.h"

namespace seraphim::cluster {

struct RbacUse {
  std::vector<std::string> unused;     ///< "patch services"
  std::vector<std::string> forbidden;  ///< "get /api/v1/..."
};

/// Of all operators since the log was opened.
RbacUse rbac_use(const AuditLog& audit);

}  // namespace seraphim::cluster
