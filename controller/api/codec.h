// JSON <-> typed, at the edge and nowhere else. Absent, null and default are decided here, once.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/revision.h"
#include "api/seraphim_deployment.h"

namespace seraphim::api {

/// The whole object as the API server sends it. Never fails, whatever the JSON is: what cannot be understood
/// is said in `problems`, one sentence each, "<path>: <what is wrong>; write <what instead>" (the CRD's
/// schema should have refused it earlier).
SeraphimDeployment decode_deployment(const nlohmann::json& object);

/// What is absent or empty is left out, so write it whole (PUT of the status subresource, or apply), never as
/// a merge. `phase`, `observedGeneration`, `step`, `weight` and `replicas` are always there.
nlohmann::json encode_status(const Status& status);
/// Gives back exactly what encode_status was given. Never fails: whatever it cannot read becomes the default.
Status decode_status(const nlohmann::json& value);

/// The `workload` block, as stored in a ControllerRevision's data.
nlohmann::json encode_workload(const Workload& workload);
/// As strict as decode_deployment; the error holds all problems, one a line.
tl::expected<Workload, std::string> decode_workload(const nlohmann::json& value);

std::string to_string(Phase phase);                            ///< "Progressing"
Phase parse_phase(std::string_view text);                      ///< anything unknown is Phase::initializing
std::string to_string(VerificationResult result);              ///< "NotRecovered"
VerificationResult parse_verification(std::string_view text);  ///< anything unknown is pending
std::string to_string(RevisionVerdict verdict);                ///< "Healthy"; none is ""
RevisionVerdict parse_verdict(std::string_view text);          ///< anything unknown is RevisionVerdict::none

}  // namespace seraphim::api
