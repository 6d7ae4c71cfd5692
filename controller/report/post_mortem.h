// The post-mortem of a rollback: what happened, in a document that needs no other tool.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "report/incident.h"

namespace seraphim::report {

// How post-mortems are kept: ConfigMaps that belong to the SeraphimDeployment.
inline constexpr const char* kLabelDocument = "serving.seraphim.io/document";
inline constexpr const char* kPostMortem = "post-mortem";  ///< value of that label
inline constexpr const char* kAnnotationRolledBackAt = "serving.seraphim.io/rolled-back-at";
inline constexpr const char* kAnnotationNumber = "serving.seraphim.io/revision-number";
inline constexpr const char* kAnnotationReason = "serving.seraphim.io/reason";
inline constexpr const char* kAnnotationVerification = "serving.seraphim.io/verification";
inline constexpr const char* kMarkdownKey = "post-mortem.md";
inline constexpr const char* kChartKey = "chart.svg";
inline constexpr std::size_t kKept = 10;  ///< newest ones of each SeraphimDeployment

struct PostMortem {
  std::string markdown, chart;
};

/// Total. Together below 256 KiB, whatever the incident: what is left out is said.
PostMortem write_post_mortem(const Incident& incident);

/// The same document with this result of the verification. A document whose part about it is gone gets it at
/// its end.
std::string with_verification(const std::string& markdown,
                              const std::optional<api::VerificationStatus>& verification);

/// "<failed revision>-rollback-<time>": the same for the same rollback, whoever writes it.
std::string document_name(const api::RollbackStatus& rollback);

}  // namespace seraphim::report
