#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/freeze_codec.h"
#include "api/freeze_schedule.h"
#include "api/percent.h"
#include "api/placeholders.h"
#include "api/time.h"
#include "targets.h"

namespace seraphim::fuzz {

using nlohmann::json;

void fuzz_deployment(std::string_view bytes) {
  const json object = json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) return;
  const auto deployment = api::decode_deployment(object);
  for (const auto& problem : deployment.problems) require(!problem.empty(), "a problem is a sentence");
  if (!deployment.problems.empty()) return;
  const auto workload = api::decode_workload(api::encode_workload(deployment.spec.workload));
  require(workload && *workload == deployment.spec.workload, "a recorded workload comes back as it was");
  require(api::revision_name(deployment.name, deployment.spec.workload) ==
              api::revision_name(deployment.name, *workload),
          "and so does the revision's name");
}

void fuzz_freeze(std::string_view bytes) {
  const json object = json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) return;
  const auto freeze = api::decode_freeze(object);
  for (const auto& problem : freeze.problems) require(!problem.empty(), "a problem is a sentence");
  require(api::decode_freeze_status(api::encode_freeze_status(freeze.status)) == freeze.status,
          "a status comes back as it was");
  const api::Time now{std::chrono::hours(500'000)};
  const auto state = api::state_at(freeze, api::utc_zone(), now);
  if (!state.next_change) return;
  require(*state.next_change > now, "the next change is yet to come");
  require(api::state_at(freeze, api::utc_zone(), *state.next_change).active != state.active, "and it is one");
}

void fuzz_status(std::string_view bytes) {
  const json value = json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return;
  const api::Status status = api::decode_status(value);
  require(api::decode_status(api::encode_status(status)) == status, "a status comes back as it was");
}

void fuzz_text(std::string_view bytes) {
  if (const auto duration = api::parse_duration(bytes)) {
    const auto again = api::parse_duration(api::format_duration(*duration));
    require(again && *again == *duration, "a duration comes back as it was");
  }
  if (const auto percent = api::parse_percent(bytes)) {
    const auto again = api::parse_percent(api::format_percent(*percent));
    require(again && *again == *percent, "a percentage comes back as it was");
    require(*percent >= api::kNothing && *percent <= api::kEverything, "a percentage is between 0 and 100");
  }
  if (const auto time = api::parse_time(bytes)) {
    const auto again = api::parse_time(api::format_time(*time));
    require(again && *again == *time, "a time comes back as it was");
  }
  if (!api::unknown_placeholder(bytes)) {
    const std::string filled = api::fill_placeholders(
        bytes, {{"namespace", "n"}, {"name", "n"}, {"revision", "r"}, {"stable", "s"}, {"candidate", "c"}});
    require(filled.size() <= bytes.size(), "each placeholder is longer than what it is filled with here");
  }
}

}  // namespace seraphim::fuzz
