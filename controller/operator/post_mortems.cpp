#include "operator/post_mortems.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "kubernetes/child.h"
#include "kubernetes/event_codec.h"
#include "operator/post_mortem_object.h"
#include "report/post_mortem.h"

namespace seraphim::op {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::Result;
using std::chrono::milliseconds;
using Json = nlohmann::json;

constexpr milliseconds kFirstRetry{5'000}, kLongestRetry{600'000};
constexpr int kFailuresBeforeTold = 3;        // of a kind that passes by itself
constexpr std::size_t kMostRemembered = 200;  // lines of one object's story
constexpr std::size_t kLongestNote = 1024;    // as of an Event
constexpr int kMostListed = 100;
constexpr auto kWorthWriting =
    std::chrono::hours(24);  // after the rollback; its Events are long gone by then

/// The rollback has come to its end: the revision that failed has no role any more.
bool is_over(const api::Status& status) {
  if (!status.last_rollback) return false;
  const std::string& failed = status.last_rollback->from_revision;
  return failed != status.candidate_revision && failed != status.stable_revision &&
         failed != status.previous_revision;
}

ObjectKey document_of(const DeploymentObject& object) {
  return {object.meta.key.namespace_, report::document_name(*object.object.status.last_rollback)};
}

std::string word_of(const DeploymentObject& object) {
  return verification_word(*object.object.status.last_rollback);
}

std::string read_it(const api::SeraphimDeployment& object) {
  return "kubectl seraphim post-mortem " + object.name + " -n " + object.namespace_;
}

milliseconds delay_after(int failures) {
  return std::min(kFirstRetry * (1 << std::clamp(failures - 1, 0, 10)), kLongestRetry);
}

bool is_pending(const api::RollbackStatus& rollback) {
  return rollback.verification && rollback.verification->result == api::VerificationResult::pending;
}

bool is_not_ours(const ApiError& error) {
  return error.reason == "NotOurs";
}

}  // namespace

PostMortems::PostMortems(Parts parts)
    : parts_(std::move(parts)), reader_(parts_.view, parts_.client, parts_.transport_for, parts_.clock) {}

void PostMortems::told(const ObjectKey& key, const rollout::Narrative& narrative) {
  const std::lock_guard lock(mutex_);
  auto& story = stories_[key];
  if (narrative.reason == "CandidateStarted" || narrative.reason == "FirstRevisionStarted") story.clear();
  if (story.size() >= kMostRemembered) story.erase(story.begin() + 1);  // the first one tells the beginning
  story.push_back({.at = parts_.clock.wall(),
                   .reason = narrative.reason,
                   .note = kubernetes::clean_utf8(narrative.message, kLongestNote)});
}

void PostMortems::changed(const Pointer& object) {
  if (object->meta.deleting) return;
  bool sooner = false;
  {
    const std::lock_guard lock(mutex_);
    sooner = close_earlier(*object);
    if (is_over(object->object.status) && !is_done(*object)) sooner = place(object) || sooner;
  }
  if (sooner && wake_) wake_();
}

bool PostMortems::is_done(const DeploymentObject& object) const {
  const auto done = done_.find(object.meta.key);
  return done != done_.end() && done->second.document == document_of(object) &&
         verification_word(done->second.rollback) == word_of(object);
}

bool PostMortems::place(const Pointer& object) {
  const auto [entry, added] = jobs_.try_emplace(document_of(*object), Job{.first = object, .latest = object});
  Job& job = entry->second;
  job.latest = object;
  if (!added) return false;
  job.due = parts_.clock.steady();
  if (const auto story = stories_.find(object->meta.key); story != stories_.end())
    job.remembered = story->second;
  drop_oldest(object->meta.key);
  return true;
}

/// A retry or another rollback ends a verification in the very status that forgets it.
bool PostMortems::close_earlier(const DeploymentObject& object) {
  const auto done = done_.find(object.meta.key);
  if (done == done_.end() || !is_pending(done->second.rollback)) return false;
  const auto& now = object.object.status.last_rollback;
  if (now && document_of(object) == done->second.document) return false;
  auto ended = std::make_shared<DeploymentObject>(object);
  auto& rollback = ended->object.status.last_rollback.emplace(done->second.rollback);
  rollback.verification->result = api::VerificationResult::undecided;
  rollback.verification->decided_at = now ? now->at : parts_.clock.wall();
  rollback.verification->message =
      now ? "another rollback came before its end" : "a retry came before its end";
  jobs_.insert_or_assign(done->second.document,
                         Job{.first = ended, .latest = ended, .due = parts_.clock.steady(), .closing = true});
  done_.erase(done);
  return true;
}

/// What nobody could write for long, or what another replica writes, does not pile up.
void PostMortems::drop_oldest(const ObjectKey& key) {
  const auto at = [](const auto& entry) { return entry->second.first->object.status.last_rollback->at; };
  for (const std::size_t most = writing_ ? report::kKept : 1;;) {
    std::size_t count = 0;
    auto oldest = jobs_.end();
    for (auto entry = jobs_.begin(); entry != jobs_.end(); ++entry) {
      if (entry->second.latest->meta.key != key) continue;
      ++count;
      if (oldest == jobs_.end() || at(entry) < at(oldest)) oldest = entry;
    }
    if (count <= most) return;
    jobs_.erase(oldest);
  }
}

void PostMortems::forget(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  std::erase_if(jobs_, [&](const auto& entry) { return entry.second.latest->meta.key == key; });
  done_.erase(key);
  stories_.erase(key);
}

std::optional<std::pair<ObjectKey, PostMortems::Job>> PostMortems::take_due() const {
  const std::lock_guard lock(mutex_);
  const auto now = parts_.clock.steady();
  for (const auto& [document, job] : jobs_) {
    if (job.due <= now) return std::pair(document, job);
  }
  return std::nullopt;
}

std::optional<kubernetes::SteadyTime> PostMortems::next_due() const {
  const std::lock_guard lock(mutex_);
  std::optional<kubernetes::SteadyTime> next;
  for (const auto& [document, job] : jobs_) {
    if (!next || job.due < *next) next = job.due;
  }
  return next;
}

std::vector<ObjectKey> PostMortems::step(const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    writing_ = true;
  }
  while (!stop.stop_requested()) {
    auto taken = take_due();
    if (!taken) break;
    auto& [document, job] = *taken;
    const auto result = write(document, job, stop);
    book(document, job, result);
  }
  return {};
}

Result<void> PostMortems::write(const ObjectKey& document, Job& job, const std::stop_token& stop) {
  const api::SeraphimDeployment& object = job.latest->object;
  const auto existing = parts_.client.get(config_map_type(), document, stop);
  if (!existing) {
    if (existing.error().kind != ApiError::Kind::not_found) return tl::unexpected(existing.error());
    const bool old = parts_.clock.wall() - object.status.last_rollback->at > kWorthWriting;
    if (old || job.closing) return {};
    if (auto created = create(job, stop); !created) return created;
  } else {
    const auto meta = kubernetes::decode_meta(*existing);
    if (!kubernetes::is_child_of(meta, object.uid))
      return tl::unexpected(kubernetes::not_ours(config_map_type().kind, document));
    const auto said = meta.annotations.find(report::kAnnotationVerification);
    if (said == meta.annotations.end() || said->second != word_of(*job.latest)) {
      const auto patched = parts_.client.merge_patch(
          config_map_type(), document, verification_patch(*existing, *object.status.last_rollback), {}, stop);
      if (!patched) return tl::unexpected(patched.error());
    }
  }
  return job.created ? prune(job, stop) : Result<void>{};
}

Result<void> PostMortems::create(Job& job, const std::stop_token& stop) {
  const api::SeraphimDeployment& now = job.latest->object;
  // As it was then, but for the verification, which may have come further.
  api::SeraphimDeployment object = job.first->object;
  object.status.last_rollback = now.status.last_rollback;
  const std::string wanted = now.problems.empty() ? api::revision_name(now.name, now.spec.workload) : "";
  const auto incident = reader_.read(object, wanted, job.remembered, stop);
  if (!incident) return tl::unexpected(incident.error());
  const auto* failed = report::recorded(*incident, incident->rollback.from_revision);
  const auto created =
      kubernetes::create_child(parts_.client, config_map_type(),
                               encode_post_mortem(object, failed == nullptr ? 0 : failed->number,
                                                  report::write_post_mortem(*incident)),
                               object.uid, stop);
  if (!created) return tl::unexpected(created.error());
  job.created = true;
  tell(*job.latest, true,
       "the post-mortem of " + incident->rollback.from_revision + " is in ConfigMap " +
           report::document_name(incident->rollback) + "; read it: " + read_it(object));
  return {};
}

Result<void> PostMortems::prune(const Job& job, const std::stop_token& stop) {
  const api::SeraphimDeployment& object = job.latest->object;
  const auto list = parts_.client.list(config_map_type(), object.namespace_, post_mortem_selector(object),
                                       kMostListed, stop);
  if (!list) return tl::unexpected(list.error());
  for (const auto& old : beyond_history(*list, object.uid)) {
    if (auto removed = parts_.client.remove(config_map_type(), old.key, old.uid, stop); !removed)
      return removed;
  }
  return {};
}

void PostMortems::book(const ObjectKey& document, const Job& job, const Result<void>& result) {
  const bool given_up = !result && is_not_ours(result.error());
  int failures = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto known = jobs_.find(document);
    if (known == jobs_.end()) return;  // the object went meanwhile
    if (result || given_up) {
      if (!job.closing) done_[job.latest->meta.key] = {document, *job.latest->object.status.last_rollback};
      if (word_of(*known->second.latest) == word_of(*job.latest)) jobs_.erase(known);
    } else {
      failures = ++known->second.failures;
      known->second.created = job.created;
      known->second.due =
          parts_.clock.steady() +
          std::max(delay_after(failures), result.error().retry_after.value_or(milliseconds{}));
    }
  }
  if (result || result.error().kind == ApiError::Kind::cancelled) return;
  const auto kind = result.error().kind;
  const bool lasts = given_up || kind == ApiError::Kind::forbidden || kind == ApiError::Kind::invalid;
  if (given_up || failures == (lasts ? 1 : kFailuresBeforeTold)) tell_failure(document, job, result.error());
}

void PostMortems::tell_failure(const ObjectKey& document, const Job& job, const ApiError& error) {
  tell(*job.latest, false,
       "the post-mortem of " + job.latest->object.status.last_rollback->from_revision +
           " could not be written to ConfigMap " + document.name + ": " + error.message +
           (is_not_ours(error) ? "" : "; it is tried again, and nothing waits for it"));
}

void PostMortems::tell(const DeploymentObject& object, bool good, const std::string& note) {
  const std::string reason = good ? "PostMortemWritten" : "PostMortemNotWritten";
  parts_.log.log(good ? spdlog::level::info : spdlog::level::warn, "{}: {}: {}", to_string(object.meta.key),
                 reason, note);
  parts_.events.record(
      {.type = good ? kubernetes::EventNote::Type::normal : kubernetes::EventNote::Type::warning,
       .regarding = {.api_version = api::kApiVersion,
                     .kind = api::kKind,
                     .uid = object.meta.uid,
                     .resource_version = object.meta.resource_version,
                     .key = object.meta.key},
       .reason = reason,
       .action = "Document",
       .note = note,
       .discriminator = report::document_name(*object.object.status.last_rollback)},
      parts_.clock.wall());
}

}  // namespace seraphim::op
