#include "kubernetes/leader_election.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "kubernetes/micro_time.h"

namespace seraphim::kubernetes {

using nlohmann::json;
using std::chrono::milliseconds;

namespace {

constexpr int kReleaseTries = 3;

std::int32_t whole_seconds(milliseconds time) {
  return static_cast<std::int32_t>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

bool is_conflict(const ApiError& error) {
  return error.kind == ApiError::Kind::conflict || error.kind == ApiError::Kind::already_exists;
}

}  // namespace

LeaderElector::LeaderElector(LeaderElectionOptions options, ApiClient& client, const Clock& clock,
                             Random random)
    : options_(std::move(options)), client_(client), clock_(clock), random_(std::move(random)) {
  if (options_.identity.empty())
    throw std::invalid_argument("leader election needs an identity: name the process");
  if (options_.retry_period >= options_.renew_deadline ||
      options_.renew_deadline >= options_.lease_duration) {
    throw std::invalid_argument("leader election needs retry period < renew deadline < lease duration");
  }
}

milliseconds LeaderElector::step(const std::stop_token& stop) {
  if (retired()) return options_.retry_period;
  return pause(round(stop));
}

bool LeaderElector::retired() {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  if (leading_until_ && now >= *leading_until_ && !released_) lost_ = true;
  return lost_ || released_;
}

LeaderElector::Round LeaderElector::round(const std::stop_token& stop) {
  if (!std::exchange(fresh_, false)) {
    const auto found = client_.get(lease_type(), options_.lease, stop);
    if (found) {
      observe(*found);
    } else if (found.error().kind == ApiError::Kind::not_found) {
      lease_.reset();
    } else {
      return {found.error()};
    }
  }
  if (!free_to_take() || retired()) return {};
  return write(lease_ == nullptr, stop);
}

LeaderElector::Round LeaderElector::write(bool create, const std::stop_token& stop) {
  const LeaseRecord record = mine();
  const SteadyTime sent = clock_.steady();
  const auto written =
      create
          ? client_.create(lease_type(), options_.lease.namespace_, new_lease(options_.lease, record), stop)
          : client_.replace(lease_type(), options_.lease, with_record(*lease_, record), {}, stop);
  // A write without an answer may have landed: the next round reads and finds this identity in the lease.
  if (!written) return {written.error()};
  observe(*written);
  if (seen_.holder != options_.identity) return {};
  fresh_ = true;
  lead_from(sent);
  return {};
}

/// The record that says that this process leads, following on what was seen last.
LeaseRecord LeaderElector::mine() const {
  LeaseRecord record = seen_;
  const WallTime wall = clock_.wall();
  if (seen_.holder != options_.identity) {
    record.holder = options_.identity;
    record.acquire_time = micro_time(wall);
    record.transitions = seen_at_ ? seen_.transitions + 1 : 0;
  }
  record.duration_seconds = whole_seconds(options_.lease_duration);
  record.renew_time = micro_time(wall);
  // Others only see that the record changes: it must, even when the wall clock was set back or stands still.
  if (record.renew_time == seen_.renew_time) record.renew_time = micro_time(wall + milliseconds(1));
  return record;
}

void LeaderElector::observe(const json& lease) {
  const LeaseRecord record = decode_lease(lease);
  lease_ = std::make_shared<const json>(lease);
  if (!seen_at_ || record != seen_) {
    seen_ = record;
    seen_at_ = clock_.steady();
  }
  const std::lock_guard lock(mutex_);
  holder_ = record.holder;
  if (leading_until_ && record.holder != options_.identity && !released_) lost_ = true;
}

bool LeaderElector::free_to_take() const {
  const auto left = until_expired();
  return !left || left->count() <= 0;
}

/// Nothing when the lease is nobody's or this process's own. A lease that was deleted still counts as held:
/// its holder does not know yet.
std::optional<milliseconds> LeaderElector::until_expired() const {
  if (!seen_at_ || seen_.holder.empty() || seen_.holder == options_.identity) return std::nullopt;
  // What the holder promised, which may be another duration than ours.
  const milliseconds duration =
      seen_.duration_seconds > 0 ? std::chrono::seconds(seen_.duration_seconds) : options_.lease_duration;
  return std::chrono::ceil<milliseconds>(*seen_at_ + duration - clock_.steady());
}

void LeaderElector::lead_from(SteadyTime sent) {
  const SteadyTime now = clock_.steady();
  const SteadyTime until = sent + options_.renew_deadline;
  const std::lock_guard lock(mutex_);
  // The answer came after the deadline: somebody may have been told already that leadership was lost.
  if (leading_until_ && now >= *leading_until_) lost_ = true;
  if (now < until) leading_until_ = until;
}

milliseconds LeaderElector::pause(const Round& round) const {
  // The jitter only shortens, so that the time to notice a dead leader stays within duration + period.
  const auto period = leading(clock_.steady()) ? options_.retry_period : options_.candidate_period;
  auto delay = std::chrono::duration_cast<milliseconds>(period * (1.0 - 0.2 * random_()));
  if (round.error && is_conflict(*round.error)) delay /= 4;
  if (const auto left = until_expired(); left && left->count() > 0) delay = std::min(delay, *left);
  if (round.error && round.error->retry_after) {
    // A leader that waited longer than this would not renew in time.
    delay = std::max(delay, std::min(*round.error->retry_after, options_.renew_deadline / 2));
  }
  return std::max(delay, milliseconds(1));
}

bool LeaderElector::leading(SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  return leading_until_ && now < *leading_until_ && !lost_ && !released_;
}

bool LeaderElector::lost(SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  return lost_ || (leading_until_ && now >= *leading_until_ && !released_);
}

std::optional<SteadyTime> LeaderElector::leading_until() const {
  const std::lock_guard lock(mutex_);
  return lost_ || released_ ? std::nullopt : leading_until_;
}

std::string LeaderElector::holder() const {
  const std::lock_guard lock(mutex_);
  return holder_;
}

void LeaderElector::release(const std::stop_token& stop) {
  retired();  // what was lost before stays lost
  {
    const std::lock_guard lock(mutex_);
    released_ = true;
  }
  for (int i = 0; i < kReleaseTries && !stop.stop_requested(); ++i) {
    const auto found = client_.get(lease_type(), options_.lease, stop);
    if (!found) continue;
    observe(*found);
    if (seen_.holder != options_.identity) return;
    LeaseRecord record = mine();
    record.holder.clear();
    record.duration_seconds = 1;
    if (const auto written =
            client_.replace(lease_type(), options_.lease, with_record(*found, record), {}, stop)) {
      return observe(*written);
    }
  }
}

}  // namespace seraphim::kubernetes
