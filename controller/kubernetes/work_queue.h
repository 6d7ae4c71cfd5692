// Which objects need a look, each at most once at a time (runtime rules 10-13).
//
// Keys only: whoever takes one reads the newest state from the stores. Time is handed in; the only waiting is
// in take(), for threads. A simulator uses try_take().
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "kubernetes/clock.h"
#include "kubernetes/object_meta.h"
#include "kubernetes/token_bucket.h"

namespace seraphim::kubernetes {

struct WorkQueueOptions {
  std::chrono::milliseconds first_retry{5}, longest_retry{1'000'000};  ///< per key, doubled each time
  double retries_per_second = 10;  ///< of all keys together, above the burst
  int burst = 100;
};

/// Thread-safe.
class WorkQueue {
 public:
  explicit WorkQueue(WorkQueueOptions options = {});

  /// Now, or right after the present look when the key is being looked at.
  void add(const ObjectKey& key, SteadyTime now);
  /// At `now + delay` at the latest: the earliest of several wishes for one key counts. add() and a look that
  /// is due anyway serve the wish: there is no further one for it.
  void add_after(const ObjectKey& key, std::chrono::milliseconds delay, SteadyTime now);
  /// After a failure: later with each one, and later when all keys together fail often. `at_least` is the
  /// server's Retry-After.
  void add_rate_limited(const ObjectKey& key, SteadyTime now, std::chrono::milliseconds at_least = {});
  /// After a success: the next failure starts from the first delay again.
  void forget(const ObjectKey& key);

  /// The next key that is due; the caller owns it until done().
  std::optional<ObjectKey> try_take(SteadyTime now);
  void done(const ObjectKey& key, SteadyTime now);
  /// When try_take() could succeed next (in the past when a key is due already); nothing when no key waits
  /// that is not being looked at.
  std::optional<SteadyTime> next_due() const;

  /// try_take(), waiting for as long as it takes. Nothing after close() or when stop was requested. `clock`
  /// must run as the machine's steady clock does: the thread really waits until then.
  std::optional<ObjectKey> take(const Clock& clock, const std::stop_token& stop);
  /// No more keys are handed out or taken in; those being looked at are finished by their owners.
  void close();

  std::size_t depth()
      const;  ///< keys to be looked at now or once more after the look at them; no delayed ones
  std::size_t processing() const;
  /// The key that is being looked at for the longest time, and since when; for liveness.
  std::optional<std::pair<ObjectKey, SteadyTime>> longest_look() const;
  /// Since when a key has been due and none has been taken; for liveness. A busy queue that moves is not
  /// starved, however long one key waits. Nothing when none is due, or after close().
  std::optional<SteadyTime> starved_since(SteadyTime now) const;

 private:
  struct Ready {
    ObjectKey key;
    SteadyTime since;
  };

  // All of these expect the lock to be held.
  void make_ready(const ObjectKey& key, SteadyTime now);
  void promote(SteadyTime now);  ///< what was delayed and is due becomes ready
  void cancel_delayed(const ObjectKey& key);
  void delay_until(const ObjectKey& key, SteadyTime due);
  std::optional<ObjectKey> take_ready(SteadyTime now);
  std::optional<SteadyTime> next_due_locked() const;
  void tell_waiting();

  const WorkQueueOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t changes_ = 0;  ///< so that a waiting thread tells news from a spurious wakeup
  bool closed_ = false;
  SteadyTime last_taken_{};

  // A key is in at most one of: ready_ (queued_ is its index), again_ with processing_. One that is to be
  // looked at anyway has no delayed wish.
  std::deque<Ready> ready_;
  std::unordered_set<ObjectKey> queued_;
  std::unordered_map<ObjectKey, SteadyTime> processing_;  ///< since when
  std::unordered_set<ObjectKey> again_;                   ///< to be looked at once more when its look is done
  std::unordered_map<ObjectKey, SteadyTime> delayed_;
  std::set<std::pair<SteadyTime, ObjectKey>> by_due_;  ///< the same, earliest first
  std::unordered_map<ObjectKey, int> failures_;
  TokenBucket retries_;
};

}  // namespace seraphim::kubernetes
