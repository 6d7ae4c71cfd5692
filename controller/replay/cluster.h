// An ideal cluster for decide(): pods are there as soon as they are asked for, endpoints and the route follow
// at once. Internal to replay/.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rollout/observation.h"
#include "rollout/pass_record.h"
#include "rollout/plan.h"

namespace seraphim::replay {

class Cluster {
 public:
  /// `stable` serves everything, and the spec's revision is new.
  Cluster(const api::SeraphimDeployment& manifest, const std::string& stable);

  /// Without an assessment.
  rollout::Observation observe(api::Time now, bool confirmed) const;
  /// The actions; the status is the caller's to write.
  void carry_out(const rollout::Plan& plan);

  api::SeraphimDeployment object;
  bool candidate_up = false;                ///< its pods come up when they are asked for
  std::optional<rollout::SeenPods> seen{};  ///< the pods of the real cluster, in place of ideal ones
  const std::string& candidate() const { return candidate_; }

 private:
  std::int32_t available(const std::string& revision) const;
  std::optional<rollout::Backend> backend(const std::string& revision, bool is_stable) const;

  std::string stable_, candidate_;
  std::vector<api::Revision> revisions_;
  std::map<std::string, std::int32_t> desired_;
  std::string behind_stable_, behind_candidate_;
  api::Percent weight_;
};

}  // namespace seraphim::replay
