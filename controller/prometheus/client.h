// One question to one Prometheus server.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "api/time.h"
#include "kubernetes/transport.h"
#include "prometheus/query_answer.h"

namespace seraphim::prometheus {

struct QueryError {
  enum class Kind {
    unreachable,  ///< no whole answer came: asking the same server something else now is no use
    refused,      ///< the server cannot or will not answer this; something else it may
    nonsense,     ///< an answer that is not one: not JSON, another type, not the API of Prometheus
  };
  Kind kind;
  std::string message;  ///< one sentence: which server, what happened, what to check
};

/// Asks by POST, so the length of a query is limited by the server's body limit only. Keeps nothing between
/// calls; as thread-safe as the transport. `address` is for messages; the transport knows where it goes, path
/// prefix included.
class Client {
 public:
  Client(kubernetes::Transport& transport, std::string address)
      : transport_(transport), address_(std::move(address)) {}

  /// `timeout` is also told to the server, which then gives up as well. Evaluated `at` that time, or now.
  tl::expected<QueryAnswer, QueryError> query(const std::string& promql, std::chrono::milliseconds timeout,
                                              std::stop_token stop = {},
                                              std::optional<api::Time> at = std::nullopt) const;
  /// The query evaluated every `step` from `from` to `to`: a Matrix. Prometheus refuses more than 11 000
  /// points.
  tl::expected<QueryAnswer, QueryError> query_range(const std::string& promql, api::Time from, api::Time to,
                                                    api::Duration step, std::chrono::milliseconds timeout,
                                                    std::stop_token stop = {}) const;

 private:
  using Form = std::vector<std::pair<std::string_view, std::string_view>>;
  tl::expected<QueryAnswer, QueryError> ask(const char* path, const Form& form,
                                            std::chrono::milliseconds timeout, std::stop_token stop) const;
  QueryError failure(const kubernetes::Response& response, std::chrono::milliseconds timeout) const;
  QueryError refusal(const kubernetes::Response& response) const;

  kubernetes::Transport& transport_;
  std::string address_;
};

}  // namespace seraphim::prometheus
