// Which wants go into one question, and which series of its answer belong to whom. Internal to prometheus/.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/promql.h"
#include "prometheus/metrics_source.h"
#include "prometheus/query_answer.h"

namespace seraphim::prometheus {

/// At most this many wants, that is 100 revisions, are asked for in one query: regular expressions stay short
/// enough for proxies and the server, and one answer small enough to wait for.
inline constexpr std::size_t kWantsPerQuery = 50;
/// Of windows longer than a minute: each brings many samples.
inline constexpr std::size_t kLongWantsPerQuery = 5;

std::string without_trailing_slash(std::string address);

struct Batch {
  std::string address;  ///< without a trailing slash
  analysis::Selection selection;
  api::Duration essential_window{0};
  std::vector<const Want*> wants;
};

/// Only of those that ask for requests or latencies. `wants` must outlive the batches.
std::vector<Batch> batches_of(std::span<const Want> wants);

/// Hands each series of the answer to the wants of the batch that it belongs to. One answer for each want, in
/// order; a counter without the label `outcome` makes it NoSamples, for nobody can tell what it counts.
std::vector<Answer> share_out(const Batch& batch, const Matrix& matrix);

}  // namespace seraphim::prometheus
