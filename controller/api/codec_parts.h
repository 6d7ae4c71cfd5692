// The parts of the codec, one per block of the spec. Internal to api/.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "api/condition.h"
#include "api/fields.h"
#include "api/label_selector.h"
#include "api/spec.h"

namespace seraphim::api {

// Each reads one block found at `path`. What is missing or wrong is said in `problems`, and the value is then
// not to be acted upon.
Spec read_spec(const nlohmann::json& value, const std::string& path, Problems& problems);
Workload read_workload(const nlohmann::json& value, const std::string& path, Problems& problems);
Traffic read_traffic(const nlohmann::json& value, const std::string& path, Problems& problems);
CanaryStrategy read_strategy(const nlohmann::json& value, const std::string& path, Problems& problems);
LatencyAnalysis read_latency(const nlohmann::json& value, const std::string& path, Problems& problems);
std::vector<Metric> read_metrics(const nlohmann::json& value, const std::string& path, Problems& problems);
Analysis read_analysis(const nlohmann::json& value, const std::string& path, Problems& problems);
LabelSelector read_selector(const nlohmann::json& value, const std::string& path, Problems& problems);

// Of any status. What cannot be read is left out.
nlohmann::json encode_conditions(const std::vector<Condition>& conditions);
std::vector<Condition> decode_conditions(const nlohmann::json& list);

}  // namespace seraphim::api
