// A revision: one recorded content of spec.workload. Names follow from content, so recording twice is one
// object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/spec.h"

namespace seraphim::api {

enum class RevisionVerdict {
  none,        ///< not judged yet
  healthy,     ///< promoted and kept
  failed,      ///< rolled back: never served again unless a person says retry
  superseded,  ///< replaced before it was judged
};

struct Revision {
  std::string name;         ///< "<deployment>-<hash>", also the value of the revision label
  std::int64_t number = 0;  ///< monotonically growing within one SeraphimDeployment
  Workload workload;
  RevisionVerdict verdict = RevisionVerdict::none;
  std::string verdict_reason;
  bool operator==(const Revision&) const = default;
};

/// "<deployment>-<10 hexadecimal characters of SHA-256 over the canonical content>", at most 63 characters,
/// since it is a label value: a longer deployment name is cut, and then the whole of it counts as content as
/// well. Of a pods workload the content is port, minReadySeconds and template: replicas and deadlines change
/// without a new revision, so that an autoscaler starts no rollout. Of torchServe it is all but
/// initialWorkers, for the same reason, and tokenSecret: how the server is spoken to is not what it serves.
std::string revision_name(std::string_view deployment, const Workload& workload);

/// The version of the recorded revision's model; empty where it is none of a model, or not recorded.
std::string model_version(const std::vector<Revision>& recorded, std::string_view name);

}  // namespace seraphim::api
