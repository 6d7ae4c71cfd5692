#include "prometheus/client.h"

#include "api/quote.h"
#include "prometheus/form.h"

namespace seraphim::prometheus {
namespace {

using kubernetes::Response;
using kubernetes::TransportError;

std::string in_brackets(const std::string& detail) {
  return detail.empty() ? "" : " (" + detail + ")";
}

}  // namespace

QueryError Client::failure(const Response& response, std::chrono::milliseconds timeout) const {
  const kubernetes::CallStatus& status = response.status;
  const std::string server = "Prometheus at " + address_;
  const auto error = [](std::string message) {
    return QueryError{QueryError::Kind::unreachable, std::move(message)};
  };
  switch (status.error) {
    case TransportError::connect:
      return error(server + " cannot be reached" + in_brackets(status.detail) +
                   ": check analysis.prometheus.address and network policies");
    case TransportError::timeout:
      return error(server + " did not answer within " + std::to_string(timeout.count()) + " ms");
    case TransportError::tls:
      return error("the TLS connection to " + server + " failed" + in_brackets(status.detail));
    case TransportError::too_large:
      return {QueryError::Kind::refused,
              "the answer of " + server + " is too large" + in_brackets(status.detail)};
    case TransportError::cancelled:
      return error("the question to " + server + " was given up because the operator stops");
    default:
      return error("the exchange with " + server + " broke: " + std::string(to_string(status.error)) +
                   in_brackets(status.detail));
  }
}

QueryError Client::refusal(const Response& response) const {
  const int http = response.status.http;
  const std::string said = "Prometheus at " + address_ + " answered HTTP " + std::to_string(http);
  const auto answer = parse_query_answer(response.body);
  if (!answer && answer.error().refused)
    return {QueryError::Kind::refused, said + ": " + answer.error().what};
  if (http / 100 == 3 || http == 404) {
    return {QueryError::Kind::refused, said + ": check scheme, port and path of analysis.prometheus.address"};
  }
  if (http == 401 || http == 403) {
    return {QueryError::Kind::refused, said + ": it does not let the operator in"};
  }
  return {QueryError::Kind::refused, said + " with " + api::quote(response.body)};
}

tl::expected<QueryAnswer, QueryError> Client::query(const std::string& promql,
                                                    std::chrono::milliseconds timeout, std::stop_token stop,
                                                    std::optional<api::Time> at) const {
  const std::string server_timeout = std::to_string(timeout.count()) + "ms";
  const std::string evaluated_at = at ? api::format_time(*at) : std::string();
  Form form{{"query", promql}, {"timeout", server_timeout}};
  if (at) form.emplace_back("time", evaluated_at);
  return ask("/api/v1/query", form, timeout, std::move(stop));
}

tl::expected<QueryAnswer, QueryError> Client::query_range(const std::string& promql, api::Time from,
                                                          api::Time to, api::Duration step,
                                                          std::chrono::milliseconds timeout,
                                                          std::stop_token stop) const {
  const std::string server_timeout = std::to_string(timeout.count()) + "ms";
  const std::string begin = api::format_time(from), end = api::format_time(to);
  const std::string every = std::to_string(step.count()) + "ms";
  return ask(
      "/api/v1/query_range",
      {{"query", promql}, {"start", begin}, {"end", end}, {"step", every}, {"timeout", server_timeout}},
      timeout, std::move(stop));
}

tl::expected<QueryAnswer, QueryError> Client::ask(const char* path, const Form& form,
                                                  std::chrono::milliseconds timeout,
                                                  std::stop_token stop) const {
  const Response response = transport_.call({.method = "POST",
                                             .target = path,
                                             .content_type = "application/x-www-form-urlencoded",
                                             .body = encode_form(form),
                                             .gzip = true},
                                            timeout, std::move(stop));
  if (response.status.error != TransportError::none) return tl::unexpected(failure(response, timeout));
  if (!response.ok()) return tl::unexpected(refusal(response));
  auto answer = parse_query_answer(response.body);
  if (answer) return *std::move(answer);
  const AnswerFault& fault = answer.error();
  const std::string server = "Prometheus at " + address_;
  if (fault.refused)
    return tl::unexpected(QueryError{QueryError::Kind::refused, server + " says " + fault.what});
  return tl::unexpected(QueryError{QueryError::Kind::nonsense,
                                   "the answer of " + server + " cannot be used: " + fault.what +
                                       "; check that analysis.prometheus.address is a Prometheus server"});
}

}  // namespace seraphim::prometheus
