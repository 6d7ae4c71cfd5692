// One SeraphimDeployment as the cluster has it, with its recorded revisions and its Events.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "api/revision.h"
#include "api/seraphim_deployment.h"
#include "cli/cluster.h"
#include "kubernetes/resource_type.h"

namespace seraphim::cli {

/// A revision as its ControllerRevision keeps it.
struct Record {
  api::Revision revision{};
  std::string workload{};  ///< JSON, just as it was recorded
};

struct Happening {
  std::string at{};  ///< RFC 3339; the last time
  bool warning = false;
  std::string reason{}, note{};
  std::int64_t count = 1;
};

const kubernetes::ResourceType& deployment_type();

// Errors are sentences.
tl::expected<api::SeraphimDeployment, std::string> read_deployment(const Cluster& cluster,
                                                                   const std::string& name);
/// In the order of their numbers.
tl::expected<std::vector<Record>, std::string> read_records(const Cluster& cluster,
                                                            const api::SeraphimDeployment& object);
/// The newest ones, oldest first.
tl::expected<std::vector<Happening>, std::string> read_happenings(const Cluster& cluster,
                                                                  const std::string& name, std::size_t most);

/// The record of that name; null when there is none.
const Record* record_of(const std::vector<Record>& records, const std::string& name);

/// The name of the revision that the spec asks for.
std::string wanted_revision(const api::SeraphimDeployment& object);

}  // namespace seraphim::cli
