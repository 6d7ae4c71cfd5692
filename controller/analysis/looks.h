// When there is something to look at: from the samples of many pods, scraped at different moments, to counts
// of both sides over the same window.
#pragma once

#include <optional>

#include "analysis/assessment.h"
#include "analysis/counts.h"
#include "analysis/evidence.h"
#include "api/time.h"

namespace seraphim::analysis {

/// What one answer brought.
struct Intake {
  std::optional<api::Time> newest_baseline, newest_candidate;  ///< scrapes in the answer, new or not
  api::Time horizon{};  ///< targets last scraped before are gone for good
  bool moved = false;   ///< a counter grew, or a target or counter was born
};

/// Takes in every scrape that is newer than what is remembered; growth goes to `evidence.waiting`.
/// A target that earlier answers did not have started since then, so it counts from 0.
Intake take_in(Evidence& evidence, const Samples& samples);

/// Takes in the first answer: the counters' starting values. Growth within it is history, not evidence, but
/// tells how clumped the baseline's failures are: it is cut into windows of `window`.
Intake note(Evidence& evidence, const Samples& samples, api::Duration window);

/// The sides that a look needs.
struct Needs {
  bool baseline = true, candidate = true;
};

/// Takes what waits as one look, if it is time: each needed side has news, and every needed target has had
/// the chance to bring some. A target whose next scrape is not due yet is waited for; one that is overdue has
/// missed a scrape or is gone, and its next difference covers the gap. So each look covers one scrape of
/// everybody, and nobody who left holds it up.
std::optional<Counts> take_look(Evidence& evidence, Needs needs, api::Time now);

/// The newest scrape with a counter of this side that is remembered; nothing when there never was one.
std::optional<api::Time> last_seen(const Evidence& evidence, Side side);

/// Forgets targets that have not been seen for long enough to be gone for good.
void forget_departed(Evidence& evidence);

}  // namespace seraphim::analysis
