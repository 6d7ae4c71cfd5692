#include "prometheus/metrics_source.h"

#include <exception>
#include <set>

#include "prometheus/batches.h"
#include "prometheus/client.h"
#include "prometheus/user_queries.h"

namespace seraphim::prometheus {
namespace {

constexpr const char* kUnavailable = "MetricsUnavailable";

QueryError nonsense(const Batch& batch) {
  return {QueryError::Kind::nonsense,
          "Prometheus at " + batch.address +
              " answered with single values where a window of samples was asked for"};
}

/// One call of fetch().
struct Round {
  std::chrono::milliseconds timeout;
  std::stop_token stop;
  std::optional<api::Time> at;
  Fetched fetched{};
  std::map<std::string, std::string> out_of_reach{};  ///< address to message

  tl::expected<QueryAnswer, QueryError> query(const std::string& address, kubernetes::Transport& transport,
                                              const std::string& promql);
  tl::expected<Matrix, QueryError> ask_once(const Batch& batch, kubernetes::Transport& transport);
  tl::expected<Matrix, QueryError> ask(Batch batch, kubernetes::Transport& transport);
  /// Nobody asks a server again that did not answer just now.
  template <typename Value>
  tl::expected<Value, QueryError> unless_out_of_reach(
      const std::string& address, const std::function<tl::expected<Value, QueryError>()>& ask_it);
};

tl::expected<QueryAnswer, QueryError> Round::query(const std::string& address,
                                                   kubernetes::Transport& transport,
                                                   const std::string& promql) {
  ++fetched.queries;
  auto answer = Client(transport, address).query(promql, timeout, stop, at);
  if (!answer) return answer;
  for (const std::string& warning : answer->warnings)
    fetched.warnings.push_back("Prometheus at " + address + " warns: " + warning);
  return answer;
}

tl::expected<Matrix, QueryError> Round::ask_once(const Batch& batch, kubernetes::Transport& transport) {
  const auto promql = analysis::range_query(batch.selection);
  if (!promql) return tl::unexpected(QueryError{QueryError::Kind::refused, promql.error()});
  auto answer = query(batch.address, transport, *promql);
  if (!answer) return tl::unexpected(std::move(answer).error());
  auto* matrix = std::get_if<Matrix>(&answer->data);
  if (!matrix) return tl::unexpected(nonsense(batch));
  return std::move(*matrix);
}

/// History is welcome, but a server that finds it too much must still be able to say what happens now.
tl::expected<Matrix, QueryError> Round::ask(Batch batch, kubernetes::Transport& transport) {
  auto matrix = ask_once(batch, transport);
  const bool may_ask_less =
      batch.essential_window > api::Duration::zero() && batch.essential_window < batch.selection.window;
  if (matrix || matrix.error().kind != QueryError::Kind::refused || !may_ask_less) return matrix;
  batch.selection.window = batch.essential_window;
  return ask_once(batch, transport);
}

template <typename Value>
tl::expected<Value, QueryError> Round::unless_out_of_reach(
    const std::string& address, const std::function<tl::expected<Value, QueryError>()>& ask_it) {
  if (const auto known = out_of_reach.find(address); known != out_of_reach.end())
    return tl::unexpected(QueryError{QueryError::Kind::unreachable, known->second});
  auto answer = ask_it();
  if (!answer && answer.error().kind == QueryError::Kind::unreachable)
    out_of_reach.emplace(address, answer.error().message);
  return answer;
}

bool is_of_user(const Want& want) {
  return std::holds_alternative<analysis::RatioSeries>(want.series) ||
         std::holds_alternative<analysis::ValueSeries>(want.series) ||
         std::holds_alternative<analysis::DriftSeries>(want.series);
}

tl::expected<Answer, QueryError> ask_for_user(const Want& want, const Ask& ask) {
  if (const auto* ratio = std::get_if<analysis::RatioSeries>(&want.series))
    return fetch_ratio(want, *ratio, ask);
  if (const auto* drift = std::get_if<analysis::DriftSeries>(&want.series))
    return fetch_drift(want, *drift, ask);
  return fetch_value(want, std::get<analysis::ValueSeries>(want.series), ask);
}

void refuse(const Want& want, const QueryError& error, Fetched& fetched) {
  fetched.answers.insert_or_assign(want.id, analysis::NoSamples{kUnavailable, error.message});
}

void hand_out(const Batch& batch, const Matrix& matrix, Fetched& fetched) {
  std::vector<Answer> answers = share_out(batch, matrix);
  for (std::size_t i = 0; i < answers.size(); ++i)
    fetched.answers.insert_or_assign(batch.wants[i]->id, std::move(answers[i]));
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
  Round round{timeout, std::move(stop), at};
  std::set<std::string> wanted;
  for (const Batch& batch : batches_of(wants)) {
    wanted.insert(batch.address);
    const auto matrix = round.unless_out_of_reach<Matrix>(batch.address, [&] {
      return transport_to(batch.address).and_then([&](const auto& transport) {
        return round.ask(batch, *transport);
      });
    });
    if (matrix) {
      hand_out(batch, *matrix, round.fetched);
    } else {
      for (const Want* want : batch.wants) refuse(*want, matrix.error(), round.fetched);
    }
  }
  for (const Want& want : wants) {
    if (!is_of_user(want)) continue;
    const std::string address = without_trailing_slash(want.source.address);
    wanted.insert(address);
    auto answer = round.unless_out_of_reach<Answer>(address, [&] {
      return transport_to(address).and_then([&](const auto& transport) {
        return ask_for_user(
            want, [&](const std::string& promql) { return round.query(address, *transport, promql); });
      });
    });
    if (answer) {
      round.fetched.answers.insert_or_assign(want.id, *std::move(answer));
    } else {
      refuse(want, answer.error(), round.fetched);
    }
  }
  std::erase_if(transports_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  return std::move(round.fetched);
}

}  // namespace seraphim::prometheus
