// One leader among several replicas, by a Lease (runtime rules 16-20).
//
// step() does one round on the calling thread: read or renew the Lease, each call bounded. Whether this
// process may write is leading(now): true only within the renew deadline of the last renewal *sent*, so that
// a paused process finds out by itself before it writes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "kubernetes/api_client.h"
#include "kubernetes/clock.h"
#include "kubernetes/lease.h"

namespace seraphim::kubernetes {

struct LeaderElectionOptions {
  ObjectKey lease{};
  std::string identity{};  ///< unique per process
  std::chrono::milliseconds lease_duration{15'000}, renew_deadline{10'000}, retry_period{2'000};
  /// How often one that does not lead looks whether the lease was handed over: the gap at every restart.
  std::chrono::milliseconds candidate_period{1'000};
};

/// leading(), lost(), leading_until() and holder() are thread-safe and never wait for I/O. step() and
/// release() are for one thread at a time.
///
/// Why there is one leader at most: another candidate takes the lease no earlier than its duration after it
/// *saw* the last renewal, so no earlier than the duration after that was sent; by then this one has known
/// for (duration - renew deadline) that it is no leader. No clock is compared with another machine's. Two
/// ways round it are left: a Lease deleted by hand (a candidate that had seen it waits all the same, one that
/// starts then does not), and a request that is under way when leadership ends. So writes are guarded by
/// resource versions as well.
class LeaderElector {
 public:
  /// `client` should have a transport of its own, and a timeout below the renew deadline. Throws
  /// std::invalid_argument when the identity is empty or the renew deadline is not between the retry period
  /// and the lease duration.
  LeaderElector(LeaderElectionOptions options, ApiClient& client, const Clock& clock, Random random);

  /// One round; returns the time until the next one. Does nothing once the lease was lost or released.
  std::chrono::milliseconds step(const std::stop_token& stop);
  /// Thread-safe. A leader that did not renew in time has stopped being one, whatever the Lease says.
  bool leading(SteadyTime now) const;
  /// Was leading once and is not any more: the process must end (rule 18). Stays true for good; a lease that
  /// was released is not lost.
  bool lost(SteadyTime now) const;
  /// When leadership ends unless it is renewed; nothing when not leading.
  std::optional<SteadyTime> leading_until() const;
  /// Who holds the lease as last seen; for people.
  std::string holder() const;
  /// Hands the lease over. Only after the last write of this process. Leading ends before anything is sent.
  void release(const std::stop_token& stop);

 private:
  struct Round {
    std::optional<ApiError> error{};
  };

  bool retired();
  Round round(const std::stop_token& stop);
  Round write(bool create, const std::stop_token& stop);
  LeaseRecord mine() const;
  void observe(const nlohmann::json& lease);
  bool free_to_take() const;
  std::optional<std::chrono::milliseconds> until_expired() const;
  void lead_from(SteadyTime sent);
  std::chrono::milliseconds pause(const Round& round) const;

  const LeaderElectionOptions options_;
  ApiClient& client_;
  const Clock& clock_;
  const Random random_;

  // Of the thread that makes the rounds.
  std::shared_ptr<const nlohmann::json> lease_;  ///< as last read or written; null when there is none
  bool fresh_ = false;  ///< nobody is known to have written since: renew without reading
  LeaseRecord seen_;
  std::optional<SteadyTime> seen_at_;  ///< when seen_ was first seen; nothing before the first reading

  mutable std::mutex mutex_;  ///< guards the rest
  std::optional<SteadyTime> leading_until_;
  bool lost_ = false, released_ = false;
  std::string holder_;
};

}  // namespace seraphim::kubernetes
