// What the status remembers of each ratio, decoded once for a look: the text is long, and several ask for it.
//
//   const Remembered remembered(status.evidence);
//   window_to_ask_for(settings, remembered, kErrorRate); assess(settings, remembered, answers, ...);
#pragma once

#include <map>
#include <optional>
#include <string>

#include "analysis/evidence.h"
#include "api/status.h"

namespace seraphim::analysis {

class Remembered {
 public:
  /// Keeps the reference.
  explicit Remembered(const api::EvidenceStatus& status);
  explicit Remembered(api::EvidenceStatus&&) = delete;

  const api::EvidenceStatus& status() const { return status_; }
  /// Null when there is nothing, or nothing that this version wrote.
  const Evidence* of(const std::string& metric) const;

 private:
  const api::EvidenceStatus& status_;
  std::map<std::string, std::optional<Evidence>> by_metric_;
};

}  // namespace seraphim::analysis
