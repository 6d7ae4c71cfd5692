// Asks the pods of the platform's gateway what they really run with, while somebody waits for it: each second
// until all agree, once more when they have agreed for long enough, and then no more.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "kubernetes/api_client.h"
#include "kubernetes/clock.h"
#include "kubernetes/transport.h"
#include "traffic/gateway_readings.h"

namespace seraphim::op {

/// Thread-safe; step() is for one thread.
class GatewayReader final : public traffic::GatewayReadings {
 public:
  /// To a pod, by its URL.
  using TransportTo = std::function<std::shared_ptr<kubernetes::Transport>(const std::string& url)>;

  GatewayReader(kubernetes::ApiClient& client, TransportTo transport_to, const kubernetes::Clock& clock)
      : client_(client), transport_to_(std::move(transport_to)), clock_(clock) {}

  std::string unsettled(const kubernetes::ObjectKey& object,
                        const traffic::GatewayQuestion& question) override;
  void forget(const kubernetes::ObjectKey& object) override;

  /// Asks for what is due and returns for whom the answer is another one.
  std::vector<kubernetes::ObjectKey> step(const std::stop_token& stop);
  /// When step() is to be called next; nothing when nobody waits for an answer.
  std::optional<kubernetes::SteadyTime> next_due() const;
  /// Told, outside of locks, when next_due() came nearer.
  void on_sooner(std::function<void()> wake) { wake_ = std::move(wake); }

 private:
  struct Subject {
    traffic::GatewayQuestion question{};
    std::optional<kubernetes::SteadyTime> due{};     ///< nothing: settled
    std::optional<kubernetes::SteadyTime> agreed{};  ///< since then all pods have agreed
    std::string in_the_way{};
  };

  /// Empty when every pod reports what it should.
  std::string disagreement(const traffic::GatewayQuestion& question, const std::stop_token& stop);
  std::string disagreement(const std::string& pod, const std::string& url,
                           const traffic::GatewayQuestion& question, const std::stop_token& stop);
  /// True when what is told about it changed.
  bool take_answer(Subject& subject, std::string disagreement) const;

  kubernetes::ApiClient& client_;
  const TransportTo transport_to_;
  const kubernetes::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<kubernetes::ObjectKey, Subject> subjects_;
  std::function<void()> wake_;
};

}  // namespace seraphim::op
