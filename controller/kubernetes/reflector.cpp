#include "kubernetes/reflector.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "jsontext/jsontext.h"
#include "kubernetes/json_read.h"
#include "kubernetes/watch_event.h"

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto kVeryShortWatch = 1s;       // as client-go (rule 6)
constexpr auto kLongestRetryAfter = 5min;  // a server in maintenance may ask for a day

}  // namespace

Reflector::Reflector(ReflectorOptions options, ReflectorSink& sink, Random random)
    : options_(std::move(options)),
      sink_(sink),
      random_(std::move(random)),
      backoff_(options_.backoff),
      streaming_list_(options_.streaming_list) {}

Reflector::Step Reflector::next(SteadyTime now) {
  if (now < not_before_) return Wait{not_before_};
  begin(now);
  if (const auto* listing = std::get_if<Listing>(&state_))
    return List{list_request(*listing), options_.list_timeout};
  if (const auto* streaming = std::get_if<StreamingList>(&state_)) {
    return Watch{streaming_list_request(streaming->quorum), options_.idle};
  }
  return Watch{watch_request(), options_.idle};
}

void Reflector::begin(SteadyTime now) {
  if (const auto* need = std::get_if<NeedList>(&state_)) {
    const NeedList wish = *need;
    ++stats_.lists;
    if (streaming_list_ && !wish.whole) {
      state_ = StreamingList{wish.quorum};
    } else {
      state_ = Listing{.quorum = wish.quorum, .whole = wish.whole};
    }
  } else if (auto* watching = std::get_if<Watching>(&state_); watching != nullptr && !watching->running) {
    *watching = {.running = true, .began = now};
    ++stats_.watches;
  }
}

// --- Lists in pages

void Reflector::on_list(const Response& response, SteadyTime now) {
  auto* listing = std::get_if<Listing>(&state_);
  if (listing == nullptr || response.status.error == TransportError::cancelled)
    return;  // the same page next time
  if (!response.ok()) {
    const Trouble trouble = trouble_of(response.status, response.body, "list");
    count(trouble);
    return list_failed(trouble, now);
  }
  const json page = jsontext::parse(response.body);
  if (text_or(member(page, "metadata"), "resourceVersion").empty()) {
    sink_.abandon();
    relist(listing->quorum, listing->whole);
    return fail({.what = "list " + options_.type.kind + ": the answer is not a list in JSON"}, now);
  }
  on_page(page, *listing, now);
}

void Reflector::on_page(const json& page, Listing& listing, SteadyTime now) {
  const json& metadata = member(page, "metadata");
  for (const json& item : elements(page, "items")) sink_.stage(item);
  if (listing.resource_version.empty()) listing.resource_version = text_or(metadata, "resourceVersion");
  listing.continue_token = text_or(metadata, "continue");
  // The token decides, never the number of items: with a selector a page may be empty.
  if (!listing.continue_token.empty()) return sink_.alive(now);
  finish_list(std::string(listing.resource_version), {}, now);
}

void Reflector::list_failed(const Trouble& trouble, SteadyTime now) {
  if (trouble.kind == Trouble::Kind::failed)
    return fail(trouble, now);  // the same page again: the token keeps it
  const Listing listing = std::get<Listing>(state_);
  const bool in_pages = !listing.continue_token.empty();
  sink_.abandon();
  // A token that ran out would do so again: the next list is in one piece.
  relist(true, trouble.kind == Trouble::Kind::expired && in_pages);
  const bool same_again = listing.quorum && !in_pages;
  if (same_again || trouble.kind == Trouble::Kind::refused) fail(trouble, now);
}

void Reflector::finish_list(const std::string& resource_version, Watching next, SteadyTime now) {
  resource_version_ = resource_version;
  synced_ = true;
  state_ = next;
  sink_.commit(resource_version);
  sink_.alive(now);
}

// --- Streams

Flow Reflector::on_line(std::string_view line, SteadyTime now) {
  const auto event = parse_watch_event(line);
  if (!event) return end_stream({.what = watch_said(event.error()), .unreadable = true});
  if (event->type == WatchEvent::Type::error) return end_stream(trouble_of_error_event(event->object));
  sink_.alive(now);
  if (const auto* watching = std::get_if<Watching>(&state_); watching != nullptr) {
    on_event(*event);
    return Flow::more;
  }
  return std::holds_alternative<StreamingList>(state_) ? on_initial_event(*event, now) : Flow::stop;
}

/// Not ordered by version, so that none of them can be resumed from (rule 4), and not visible before the end
/// (rule 2).
Flow Reflector::on_initial_event(const WatchEvent& event, SteadyTime now) {
  if (event.end_of_initial_list) {
    finish_list(event.resource_version, {.running = true, .saw_event = true, .began = now}, now);
    return Flow::more;
  }
  if (event.type == WatchEvent::Type::bookmark) {
    return end_stream({.kind = Trouble::Kind::refused, .what = watch_said("a list that never ends")});
  }
  ++stats_.events;
  if (event.type == WatchEvent::Type::removed) {
    sink_.unstage(event.object);
  } else {
    sink_.stage(event.object);
  }
  return Flow::more;
}

void Reflector::on_event(const WatchEvent& event) {
  resource_version_ = event.resource_version;
  note_progress();
  if (event.type == WatchEvent::Type::bookmark) return;  // moves the version and nothing else (rule 2)
  std::get<Watching>(state_).saw_event = true;
  ++stats_.events;
  if (event.type == WatchEvent::Type::removed) {
    sink_.remove(event.object);
  } else {
    sink_.upsert(event.object);
  }
}

Flow Reflector::end_stream(Trouble trouble) {
  ending_ = std::move(trouble);
  return Flow::stop;
}

void Reflector::on_watch_end(const CallStatus& status, SteadyTime now) {
  std::optional<Trouble> trouble = std::exchange(ending_, std::nullopt);
  const bool stopped = !trouble && status.error == TransportError::cancelled;
  const bool clean = status.error == TransportError::none && status.http == 200;
  if (!trouble && !stopped && !clean) trouble = trouble_of(status, status.detail, "watch");
  if (trouble) count(*trouble);
  if (std::holds_alternative<StreamingList>(state_)) {
    const bool quorum = std::get<StreamingList>(state_).quorum;
    sink_.abandon();
    relist(quorum, false);
    if (!stopped) streaming_list_ended(trouble, quorum, now);
  } else if (auto* watching = std::get_if<Watching>(&state_)) {
    const Watching ended = std::exchange(*watching, {});
    if (!stopped) watch_ended(trouble, ended, now);
  }
}

void Reflector::streaming_list_ended(const std::optional<Trouble>& trouble, bool quorum, SteadyTime now) {
  // Not understood, or taken for a plain watch: no use in asking again.
  if (!trouble || trouble->kind == Trouble::Kind::refused) {
    streaming_list_ = false;
  } else if (trouble->kind == Trouble::Kind::failed) {
    fail(*trouble, now);
  } else {
    relist(true, false);
    if (quorum) fail(*trouble, now);
  }
}

void Reflector::watch_ended(const std::optional<Trouble>& trouble, const Watching& watch, SteadyTime now) {
  const auto lived = now - watch.began;
  // Even if all watches end like this one they are no more frequent than the longest backoff.
  if (lived >= options_.backoff.longest) backoff_.reset();
  if (!trouble) {
    const bool very_short = lived < kVeryShortWatch && !watch.saw_event;
    if (very_short) return fail({.what = watch_said("an end right after the start")}, now);
    return note_progress();
  }
  const bool stuck = trouble->unreadable && std::exchange(unreadable_before_, true);
  if (trouble->kind != Trouble::Kind::failed) {
    relist(true, false);
    const bool at_once = trouble->kind != Trouble::Kind::refused && !std::exchange(relisted_, true);
    if (at_once) return;
  } else if (stuck) {
    relist(false, false);  // the same line again: go round it
  }
  fail(*trouble, now);
}

// --- Both

void Reflector::relist(bool quorum, bool whole) {
  state_ = NeedList{quorum, whole};
}

void Reflector::note_progress() {
  relisted_ = unreadable_before_ = false;
}

void Reflector::count(const Trouble& trouble) {
  if (trouble.kind == Trouble::Kind::expired) ++stats_.expired;
}

void Reflector::fail(const Trouble& trouble, SteadyTime now) {
  ++stats_.failures;
  stats_.last_failure = trouble.what;
  auto delay = backoff_.next(now, random_);
  if (trouble.retry_after) {
    delay = std::max(delay, std::min<std::chrono::milliseconds>(*trouble.retry_after, kLongestRetryAfter));
  }
  not_before_ = now + delay;
}

}  // namespace seraphim::kubernetes
