// The text of the queries. One asks for many objects at once, and for raw samples, because the times of the
// scrapes matter: rates and sums made by Prometheus hide restarts, first failures and pods that were scraped
// at other moments.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/spec.h"
#include "api/time.h"

namespace seraphim::analysis {

/// The counter, with label `outcome`: "success", or a kind of failure.
inline constexpr std::string_view kRequestsMetric = "seraphim_inference_requests_total";

/// The histogram of latencies in seconds, as classic buckets (`..._bucket` with label `le`) or native.
inline constexpr std::string_view kLatencyMetric = "seraphim_inference_latency_seconds";

/// What the series of one or more comparisons have in common.
struct Selection {
  api::SeriesPreset preset = api::SeriesPreset::revision_label;
  std::map<std::string, std::string> match_labels{};
  /// Values of the label `namespace`, preset revision_label only: revision names are unique within a
  /// namespace. Left out when `match_labels` speaks of `namespace` itself; {"namespace": ""} selects series
  /// without that label.
  std::set<std::string> namespaces{};
  std::set<std::string> revisions{};  ///< preset revision_label only
  api::Duration window{0};
  bool latency = false;  ///< the latency histogram, of either kind, and not the requests
};

/// An instant query for a range vector:
///   seraphim_inference_requests_total{namespace="shop",revision=~"a-1|b-2"}[15s]
///   seraphim_inference_requests_total{job="gateway",variant=~"baseline|candidate"}[15s]
///   {__name__=~"seraphim_inference_latency_seconds(_bucket)?",namespace="shop",revision=~"a-1|b-2"}[15s]
/// The error is a sentence about a match label that cannot be one.
tl::expected<std::string, std::string> range_query(const Selection& selection);

/// A range without brackets: "15s", "1500ms".
std::string window_text(api::Duration window);
/// A PromQL string literal, with quotes.
std::string quote(std::string_view text);
/// An RE2 pattern that matches exactly one of the texts.
std::string one_of(const std::set<std::string>& texts);

}  // namespace seraphim::analysis
