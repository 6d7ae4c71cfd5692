// Events of events.k8s.io/v1 (runtime rules 21-22). record() never blocks and never fails; flush() does the
// I/O.
//
// The name of an Event follows from what it says (object, reason, action, discriminator), so the same thing
// said again, also by a restarted operator, is the same Event: the second time its series counts up.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>

#include "kubernetes/api_client.h"
#include "kubernetes/clock.h"
#include "kubernetes/event_cache.h"
#include "kubernetes/event_note.h"
#include "kubernetes/token_bucket.h"

namespace seraphim::kubernetes {

struct EventRecorderOptions {
  std::string controller = "seraphim.io/operator";  ///< reportingController
  std::string instance{};                           ///< reportingInstance: the pod's name
  std::size_t queue_limit = 1000;                   ///< further notes are dropped and counted
  double per_second = 20;                           ///< writes, above a burst
  int burst = 50;
  int tries = 12;
};

/// Thread-safe; flush() calls wait for each other.
///
/// Equal notes (same name) that wait together become one write. After a write of an Event its repeats are
/// gathered, for one second at first and for up to a minute when they go on, so that ten thousand of them
/// cost a handful of writes. Only an Event's series can be changed, so the first note's text stays. A write
/// whose answer was lost is recognised when it is read back: it does not count twice.
class EventRecorder {
 public:
  explicit EventRecorder(EventRecorderOptions options);

  void record(EventNote note, WallTime at);
  /// Writes what waits, as far as the rate allows. Returns when to come again; nothing when all is written.
  /// `clock` gives the delays.
  std::optional<std::chrono::milliseconds> flush(ApiClient& client, const Clock& clock,
                                                 const std::stop_token& stop);
  /// Waits until something was recorded or stop was requested; for the thread that calls flush().
  void wait(const std::stop_token& stop, std::optional<std::chrono::milliseconds> at_most);
  /// From now on repeats are not gathered: before the end of the process.
  void hurry();
  /// Notes that were lost: the queue was full, the server refused them, or it did not take them in so many
  /// tries.
  std::uint64_t dropped() const;

 private:
  /// What a write in progress would leave behind, to recognise it when its answer gets lost.
  struct Attempt {
    EventSeries series;
    std::uint64_t notes;  ///< of how many
  };
  struct Pending {
    EventNote note;
    WallTime first, last;
    std::uint64_t notes = 1;
    int tries = 0;
    bool gathered = false;  ///< had to wait for the Event's next write
    std::optional<Attempt> attempt{};
  };
  struct Job {
    ObjectKey key;
    Pending pending;
    std::optional<KnownEvent> known{};
  };
  enum class Fate { written, again, refused };
  struct Outcome {
    Fate fate = Fate::again;
    bool cancelled = false;
    std::chrono::milliseconds at_least{};
  };

  std::optional<Job> next_job(SteadyTime now, std::optional<std::chrono::milliseconds>& wait);
  Outcome write(Job& job, ApiClient& client, const std::stop_token& stop) const;
  Result<nlohmann::json> send(Job& job, ApiClient& client, const std::stop_token& stop) const;
  bool landed(Pending& pending, const nlohmann::json& found) const;
  void book(Job job, const Outcome& outcome, SteadyTime now);
  void remember(const Job& job, std::optional<SteadyTime> written);
  void put_back(Job job);
  bool waiting() const;

  const EventRecorderOptions options_;  ///< with a reporter that is acceptable
  std::mutex flushing_;
  mutable std::mutex mutex_;  ///< guards the rest; never held during I/O
  std::condition_variable_any recorded_;
  bool news_ = false, hurry_ = false;
  std::deque<ObjectKey> order_;
  std::unordered_map<ObjectKey, Pending> pending_;
  EventCache known_;
  TokenBucket writes_;
  int failures_ = 0;  ///< since the last success
  SteadyTime not_before_{};
  std::uint64_t dropped_ = 0;
};

}  // namespace seraphim::kubernetes
