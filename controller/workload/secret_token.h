// A token out of a Secret: read when it is first needed, again after the server refused it, and now and then.
// Nothing watches Secrets: the operator needs no more than `get` of those that are named.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "kubernetes/api_client.h"
#include "kubernetes/clock.h"
#include "kubernetes/credentials.h"
#include "workload/torch_serve_servers.h"

namespace seraphim::workload {

/// The token in memory, as a transport asks for it. Thread-safe.
class HeldToken final : public kubernetes::Credentials {
 public:
  std::string bearer_token() override;
  kubernetes::TlsMaterial tls() override { return {}; }
  void hold(std::string token);

 private:
  std::mutex mutex_;
  std::string token_;
};

/// Reads the Secret. The error is a sentence that says which Secret, what is wrong and what to do; nothing of
/// the Secret's content is in it.
tl::expected<std::string, std::string> read_token(kubernetes::ApiClient& client,
                                                  const ServerKey::Token& where, const std::stop_token& stop);

/// Before each call it sees to it that there is a token, and when the server refuses it the Secret is read
/// again: with another token in it the call is made once more. When no token can be had nothing is sent, and
/// the answer is TransportError::credentials with the sentence. An answer that repeats the token loses it.
/// Thread-safe.
class TokenTransport final : public kubernetes::Transport {
 public:
  using Read = std::function<tl::expected<std::string, std::string>(const std::stop_token&)>;

  /// `inner` sends what `held` holds.
  TokenTransport(std::unique_ptr<kubernetes::Transport> inner, std::shared_ptr<HeldToken> held, Read read,
                 const kubernetes::Clock& clock);

  kubernetes::Response call(const kubernetes::Request& request, std::chrono::milliseconds timeout,
                            std::stop_token stop) noexcept override;
  /// Is not for TorchServe.
  kubernetes::CallStatus stream(const kubernetes::Request& request, std::chrono::seconds idle,
                                std::stop_token stop, kubernetes::LineSink& sink) noexcept override;

 private:
  /// The token to send; the error is a sentence.
  tl::expected<std::string, std::string> current(const std::stop_token& stop);
  /// After a refusal of `refused`: true when there is another one by now.
  bool renew(const std::string& refused, const std::stop_token& stop);
  tl::expected<std::string, std::string> read_again(const std::stop_token& stop);

  const std::unique_ptr<kubernetes::Transport> inner_;
  const std::shared_ptr<HeldToken> held_;
  const Read read_;
  const kubernetes::Clock& clock_;
  std::mutex mutex_;  ///< one reads, the others wait for what it finds
  kubernetes::SteadyTime read_at_{};
};

/// TorchServe says by this answer that the token is missing or wrong.
bool is_token_refusal(int http, std::string_view type);

}  // namespace seraphim::workload
