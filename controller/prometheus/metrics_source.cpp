#include "prometheus/metrics_source.h"

#include <exception>
#include <set>

#include "prometheus/batches.h"
#include "prometheus/client.h"

namespace seraphim::prometheus {
namespace {

using analysis::NoSamples;

constexpr const char* kUnavailable = "MetricsUnavailable";

QueryError nonsense(const Batch& batch) {
  return {QueryError::Kind::nonsense,
          "Prometheus at " + batch.address +
              " answered with single values where a window of samples was asked for"};
}

void refuse(const Batch& batch, const std::string& message, Fetched& fetched) {
  for (const Want* want : batch.wants)
    fetched.answers.insert_or_assign(want->id, NoSamples{kUnavailable, message});
}

void accept(const Batch& batch, const Matrix& matrix, Fetched& fetched) {
  std::vector<Answer> answers = share_out(batch, matrix);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    fetched.answers.insert_or_assign(batch.wants[i]->id, std::move(answers[i]));
  }
}

/// One question and its answer; queries and warnings are noted in `fetched`.
tl::expected<Matrix, QueryError> ask_once(const Batch& batch, kubernetes::Transport& transport,
                                          std::chrono::milliseconds timeout, std::stop_token stop,
                                          std::optional<api::Time> at, Fetched& fetched) {
  const auto promql = analysis::range_query(batch.selection);
  if (!promql) return tl::unexpected(QueryError{QueryError::Kind::refused, promql.error()});
  ++fetched.queries;
  auto answer = Client(transport, batch.address).query(*promql, timeout, std::move(stop), at);
  if (!answer) return tl::unexpected(std::move(answer).error());
  for (const std::string& warning : answer->warnings) {
    fetched.warnings.push_back("Prometheus at " + batch.address + " warns: " + warning);
  }
  auto* matrix = std::get_if<Matrix>(&answer->data);
  if (!matrix) return tl::unexpected(nonsense(batch));
  return std::move(*matrix);
}

/// History is welcome, but a server that finds it too much must still be able to say what happens now.
tl::expected<Matrix, QueryError> ask(Batch batch, kubernetes::Transport& transport,
                                     std::chrono::milliseconds timeout, std::stop_token stop,
                                     std::optional<api::Time> at, Fetched& fetched) {
  auto matrix = ask_once(batch, transport, timeout, stop, at, fetched);
  const bool may_ask_less =
      batch.essential_window > api::Duration::zero() && batch.essential_window < batch.selection.window;
  if (matrix || matrix.error().kind != QueryError::Kind::refused || !may_ask_less) return matrix;
  batch.selection.window = batch.essential_window;
  return ask_once(batch, transport, timeout, std::move(stop), at, fetched);
}

}  // namespace

tl::expected<std::shared_ptr<kubernetes::Transport>, QueryError> MetricsSource::transport_to(
    const std::string& address) {
  const auto unusable = [&](const std::string& why) {
    return tl::unexpected(QueryError{QueryError::Kind::unreachable,
                                     "analysis.prometheus.address " + address + " cannot be used: " + why});
  };
  auto& transport = transports_[address];
  try {
    if (!transport) transport = transport_for_(address);
  } catch (const std::exception& failure) {
    return unusable(failure.what());
  }
  if (!transport) return unusable("there is no transport for it");
  return transport;
}

Fetched MetricsSource::fetch(std::span<const Want> wants, std::chrono::milliseconds timeout,
                             std::stop_token stop, std::optional<api::Time> at) {
  Fetched fetched;
  std::map<std::string, std::string> out_of_reach;  // address to message
  std::set<std::string> wanted;
  for (const Batch& batch : batches_of(wants)) {
    wanted.insert(batch.address);
    if (const auto known = out_of_reach.find(batch.address); known != out_of_reach.end()) {
      refuse(batch, known->second, fetched);
      continue;
    }
    const auto matrix = transport_to(batch.address).and_then([&](const auto& transport) {
      return ask(batch, *transport, timeout, stop, at, fetched);
    });
    if (matrix) {
      accept(batch, *matrix, fetched);
      continue;
    }
    refuse(batch, matrix.error().message, fetched);
    if (matrix.error().kind == QueryError::Kind::unreachable)
      out_of_reach[batch.address] = matrix.error().message;
  }
  std::erase_if(transports_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  return fetched;
}

}  // namespace seraphim::prometheus
