#include "kubernetes/event_recorder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "kubernetes/event_codec.h"
#include "kubernetes/json_read.h"
#include "kubernetes/micro_time.h"

namespace seraphim::kubernetes {

using nlohmann::json;
using std::chrono::milliseconds;
using Kind = ApiError::Kind;

namespace {

constexpr std::size_t kKnownLimit = 1024;
constexpr int kCallsPerTry = 4;  // enough for: patch, expired, create, somebody was first, patch
constexpr milliseconds kFirstSpacing{1'000}, kLongestSpacing{60'000};
constexpr milliseconds kFirstBackoff{1'000}, kLongestBackoff{30'000};

EventRecorderOptions with_acceptable_reporter(EventRecorderOptions options) {
  options.instance = acceptable(EventReporter{options.controller, options.instance}).instance;
  return options;
}

KnownEvent known_from(const json& event, const std::optional<KnownEvent>& before) {
  return {.resource_version = text_or(member(event, "metadata"), "resourceVersion"),
          .count = decode_series(event).count,
          .next_write = before ? before->next_write : SteadyTime{},
          .spacing = before ? before->spacing : milliseconds{}};
}

milliseconds backoff(int failures) {
  return std::min(kFirstBackoff * (1 << std::clamp(failures - 1, 0, 10)), kLongestBackoff);
}

}  // namespace

EventRecorder::EventRecorder(EventRecorderOptions options)
    : options_(with_acceptable_reporter(std::move(options))),
      known_(kKnownLimit),
      writes_(options_.per_second, options_.burst) {}

void EventRecorder::record(EventNote note, WallTime at) {
  note = acceptable(std::move(note));
  const ObjectKey key = event_key(note);
  const std::lock_guard lock(mutex_);
  if (const auto found = pending_.find(key); found != pending_.end()) {
    ++found->second.notes;
    found->second.last = std::max(found->second.last, at);
    return;
  }
  if (pending_.size() >= options_.queue_limit) {
    ++dropped_;
    return;
  }
  pending_.emplace(key, Pending{.note = std::move(note), .first = at, .last = at});
  order_.push_back(key);
  news_ = true;
  recorded_.notify_all();
}

std::optional<milliseconds> EventRecorder::flush(ApiClient& client, const Clock& clock,
                                                 const std::stop_token& stop) {
  const std::lock_guard flushing(flushing_);
  while (!stop.stop_requested()) {
    std::optional<milliseconds> wait;
    auto job = next_job(clock.steady(), wait);
    if (!job) return wait;
    const Outcome outcome = write(*job, client, stop);
    book(*std::move(job), outcome, clock.steady());
  }
  return waiting() ? std::optional(kFirstBackoff) : std::nullopt;
}

void EventRecorder::wait(const std::stop_token& stop, std::optional<milliseconds> at_most) {
  std::unique_lock lock(mutex_);
  const auto news = [this] { return news_; };
  if (at_most) {
    recorded_.wait_for(lock, stop, *at_most, news);
  } else {
    recorded_.wait(lock, stop, news);
  }
  news_ = false;
}

void EventRecorder::hurry() {
  const std::lock_guard lock(mutex_);
  hurry_ = news_ = true;
  recorded_.notify_all();
}

std::uint64_t EventRecorder::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

bool EventRecorder::waiting() const {
  const std::lock_guard lock(mutex_);
  return !pending_.empty();
}

/// Takes the first note that may be written now out of the queue. Otherwise `wait` says how long until one
/// may be.
std::optional<EventRecorder::Job> EventRecorder::next_job(SteadyTime now, std::optional<milliseconds>& wait) {
  const std::lock_guard lock(mutex_);
  std::optional<SteadyTime> earliest;
  auto found = order_.end();
  for (auto at = order_.begin(); at != order_.end() && found == order_.end(); ++at) {
    const KnownEvent* known = known_.find(*at);
    const SteadyTime due =
        known != nullptr && !hurry_ ? std::max(known->next_write, not_before_) : not_before_;
    if (due <= now) {
      found = at;
      continue;
    }
    if (known != nullptr && now < known->next_write) pending_.at(*at).gathered = true;
    earliest = earliest ? std::min(*earliest, due) : due;
  }
  if (found == order_.end()) {
    if (earliest) wait = std::chrono::ceil<milliseconds>(*earliest - now);
    return std::nullopt;
  }
  if (const auto pause = writes_.take(now); pause.count() > 0) {
    wait = pause;
    return std::nullopt;
  }
  Job job{.key = *found, .pending = std::move(pending_.at(*found))};
  if (const KnownEvent* known = known_.find(job.key)) job.known = *known;
  pending_.erase(job.key);
  order_.erase(found);
  return job;
}

EventRecorder::Outcome EventRecorder::write(Job& job, ApiClient& client, const std::stop_token& stop) const {
  const auto failed = [](const ApiError& error) -> Outcome {
    const bool refused =
        error.kind == Kind::invalid || error.kind == Kind::forbidden || error.kind == Kind::not_found;
    return {.fate = refused ? Fate::refused : Fate::again,
            .cancelled = error.kind == Kind::cancelled,
            .at_least = error.retry_after.value_or(milliseconds{})};
  };
  for (int call = 0; call < kCallsPerTry; ++call) {
    if (job.pending.attempt) {  // somebody was first, which may have been this very write
      const auto found = client.get(event_type(), job.key, stop);
      if (!found && found.error().kind != Kind::not_found) return failed(found.error());
      if (found) {
        job.known = known_from(*found, job.known);
        if (landed(job.pending, *found)) return {.fate = Fate::written};
      } else {
        job.known.reset();
      }
      job.pending.attempt.reset();
    }
    const auto answer = send(job, client, stop);
    if (answer) {
      job.known = known_from(*answer, job.known);
      return {.fate = Fate::written};
    }
    const ApiError& error = answer.error();
    if (error.kind == Kind::already_exists || error.kind == Kind::conflict) continue;
    if (error.kind != Kind::not_found || !job.known) return failed(error);
    job.known.reset();  // the server forgets an Event after an hour
    job.pending.attempt.reset();
  }
  return {.fate = Fate::again};
}

Result<json> EventRecorder::send(Job& job, ApiClient& client, const std::stop_token& stop) const {
  Pending& pending = job.pending;
  const std::uint64_t before = job.known ? job.known->count : 0;
  const EventSeries series{.count = before + pending.notes, .last = micro_time(pending.last)};
  pending.attempt = Attempt{.series = series, .notes = pending.notes};
  if (job.known) {
    return client.merge_patch(event_type(), job.key, series_patch(series, job.known->resource_version), {},
                              stop);
  }
  const EventReporter reporter{options_.controller, options_.instance};
  return client.create(event_type(), job.key.namespace_,
                       encode_event(pending.note, job.key, micro_time(pending.first), series, reporter),
                       stop);
}

/// Whether the server has everything there was to write, by an earlier attempt. Notes that came after it
/// remain.
bool EventRecorder::landed(Pending& pending, const json& found) const {
  const Attempt& attempt = *pending.attempt;
  // The first note of another replica, within the same millisecond, is not ours.
  const bool ours = attempt.series.count > 1 || text_or(found, "reportingInstance") == options_.instance;
  if (!ours || decode_series(found) != attempt.series) return false;
  pending.notes -= attempt.notes;
  return pending.notes == 0;
}

void EventRecorder::book(Job job, const Outcome& outcome, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  remember(job, outcome.fate == Fate::written ? std::optional(now) : std::nullopt);
  if (outcome.fate == Fate::written) {
    failures_ = 0;
    return;
  }
  if (outcome.fate == Fate::again) {
    // Cancelled without the end of the process: this one may not write at present. That is nobody's failed
    // try.
    if (!outcome.cancelled) {
      ++failures_;
      ++job.pending.tries;
    }
    not_before_ = now + std::max(backoff(failures_), outcome.at_least);
  }
  if (outcome.fate == Fate::refused || job.pending.tries >= options_.tries) {
    dropped_ += job.pending.notes;
    return;
  }
  put_back(std::move(job));
}

void EventRecorder::remember(const Job& job, std::optional<SteadyTime> written) {
  if (!job.known) return known_.erase(job.key);
  KnownEvent known = *job.known;
  if (written) {
    known.spacing = job.pending.gathered ? std::min(known.spacing * 2, kLongestSpacing) : kFirstSpacing;
    known.next_write = *written + known.spacing;
  }
  known_.put(job.key, std::move(known));
}

/// To the front, since it is the oldest; with what was recorded in the meantime.
void EventRecorder::put_back(Job job) {
  const auto [place, alone] = pending_.try_emplace(job.key);
  if (!alone) {
    job.pending.notes += place->second.notes;
    job.pending.last = std::max(job.pending.last, place->second.last);
    order_.erase(std::find(order_.begin(), order_.end(), job.key));
  }
  place->second = std::move(job.pending);
  order_.push_front(job.key);
}

}  // namespace seraphim::kubernetes
