// Samples for many objects, with few questions: what is wanted from one server is asked for together.
//
//   MetricsSource source([](const std::string& address) { return make_cpprest_transport({address}, nullptr);
//   }); const Fetched fetched = source.fetch(wants, 2s, stop); analysis::assess(..., fetched.answers.at(id),
//   ...);
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "analysis/assessment.h"
#include "analysis/series.h"
#include "api/spec.h"
#include "kubernetes/transport.h"
#include "prometheus/client.h"

namespace seraphim::prometheus {

/// One comparison's question.
struct Want {
  std::string id;  ///< the asker's name for it; unique within a call
  api::PrometheusSource source;
  std::string object_namespace;                         ///< revision names are unique within it only
  std::string object_name{};                            ///< for placeholders
  std::string baseline, candidate;                      ///< revisions
  std::string baseline_version{}, candidate_version{};  ///< of their models, for placeholders
  bool promoted = false;      ///< the candidate's requests have variant="baseline" (preset variant_label)
  analysis::Series series{};  ///< what is wanted
  /// Of a ValueSeries or a DriftSeries: evaluate it this often over the window; 0: once, now.
  api::Duration resolution{0};
  api::Duration window{0};  ///< analysis::window_to_ask_for
  api::Duration essential_window{
      0};  ///< analysis::stale_after: will do when the server refuses so much; 0: no less
};

using analysis::Answer;

struct Fetched {
  std::map<std::string, Answer> answers;  ///< one for each Want, always
  std::vector<std::string> warnings;      ///< of servers, for the log; the samples are usable all the same
  int queries = 0;
};

/// Samples of a target are told apart by all labels but the outcome; preset revision_label takes series by
/// the labels `namespace` (see analysis::Selection) and `revision`, preset variant_label by `variant`.
///
/// Synchronous, reads no clock, not thread-safe: one thread calls fetch() once per tick. Within a call, a
/// server that could not be reached is not asked again.
class MetricsSource {
 public:
  /// Called once for each server address (without a trailing slash), as long as somebody wants something from
  /// it. May throw: the message then reaches the people whose object names the address.
  using TransportFor = std::function<std::shared_ptr<kubernetes::Transport>(const std::string& address)>;

  explicit MetricsSource(TransportFor transport_for) : transport_for_(std::move(transport_for)) {}

  /// `timeout` bounds each question, so with several unreachable servers a call may take several of them.
  /// Windows end `at` that time, or now.
  Fetched fetch(std::span<const Want> wants, std::chrono::milliseconds timeout, std::stop_token stop = {},
                std::optional<api::Time> at = std::nullopt);

 private:
  tl::expected<std::shared_ptr<kubernetes::Transport>, QueryError> transport_to(const std::string& address);

  TransportFor transport_for_;
  std::map<std::string, std::shared_ptr<kubernetes::Transport>> transports_;
};

}  // namespace seraphim::prometheus
