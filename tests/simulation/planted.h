// Bugs that are put in on purpose, between the operator and the world, to prove that the simulator sees them.
// The operator itself stays as it is.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace seraphim::simulation {

enum class Bug {
  none,
  weight_before_ready,     ///< every pod and endpoint looks ready as soon as it is asked for
  scale_down_before_zero,  ///< the candidate's pods go before its weight
  recorded_late,           ///< the record of a revision is written a while after its pods
  stale_read_trusted,      ///< the object is taken for new one version late
  status_churn,            ///< a field of the status gets lost, so it is written again and again
  lost_requeue,            ///< nobody comes back when a timer is over
  ignored_410,             ///< a watch that lost its place goes on as if nothing was missed
  evidence_reset,          ///< a restart forgets the evidence
  two_leaders,             ///< nobody minds who holds the lease
  failed_retried,          ///< a failed revision's verdict is not seen
  verdict_forgotten,       ///< the verdict about a rollback is not seen
  failures_uncounted,      ///< while a rollback is verified nobody counts failures
};

struct NamedBug {
  Bug bug;
  std::string_view name;
};
inline constexpr std::array kBugs{
    NamedBug{Bug::weight_before_ready, "weight-before-ready"},
    NamedBug{Bug::scale_down_before_zero, "scale-down-before-zero"},
    NamedBug{Bug::recorded_late, "recorded-late"},
    NamedBug{Bug::stale_read_trusted, "stale-read-trusted"},
    NamedBug{Bug::status_churn, "status-churn"},
    NamedBug{Bug::lost_requeue, "lost-requeue"},
    NamedBug{Bug::ignored_410, "ignored-410"},
    NamedBug{Bug::evidence_reset, "evidence-reset"},
    NamedBug{Bug::two_leaders, "two-leaders"},
    NamedBug{Bug::failed_retried, "failed-retried"},
    NamedBug{Bug::verdict_forgotten, "verdict-forgotten"},
    NamedBug{Bug::failures_uncounted, "failures-uncounted"},
};

inline std::optional<Bug> bug_named(std::string_view name) {
  for (const NamedBug& entry : kBugs) {
    if (entry.name == name) return entry.bug;
  }
  return std::nullopt;
}

}  // namespace seraphim::simulation
