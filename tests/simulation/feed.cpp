#include "simulation/feed.h"

#include <algorithm>

namespace seraphim::simulation {

using kubernetes::CallStatus;
using kubernetes::Flow;
using kubernetes::Reflector;
using kubernetes::TransportError;

namespace {

constexpr auto kBookmarkEvery = 60s;

}  // namespace

SimTime Feed::due() const {
  if (line_.dead()) return kNever;
  if (!stream_) return wake_;
  SimTime next = std::min(bookmark_at_, ends_at_);
  if (const auto at = stream_->next_at()) next = std::min(next, *at + lag_ + behind());
  return next;
}

std::chrono::milliseconds Feed::behind() const {
  return std::max(extra_lag_, store_.read_lag());
}

void Feed::act() {
  if (stream_) {
    deliver();
  } else {
    ask();
  }
}

void Feed::ask() {
  const Reflector::Step step = reflector().next(clock_.steady());
  wake_ = world_.now;
  if (const auto* pause = std::get_if<Reflector::Wait>(&step)) {
    wake_ = std::max(world_.now + 1ms, clock_.to_world(pause->until));
  } else if (const auto* list = std::get_if<Reflector::List>(&step)) {
    const auto response = line_.call(list->request, list->timeout, {});
    reflector().on_list(response, clock_.steady());
  } else if (refused_) {
    reflector().on_watch_end({.error = TransportError::connect}, clock_.steady());
  } else {
    stream_.emplace(store_, parse_target(std::get<Reflector::Watch>(step).request.target));
    bookmark_at_ = world_.now + kBookmarkEvery;
    ends_at_ = world_.now + stream_->timeout();
  }
}

void Feed::deliver() {
  for (auto at = stream_->next_at(); at && *at + lag_ + behind() <= world_.now; at = stream_->next_at()) {
    const std::string line = line_.seen(kind_, stream_->take(), first_sight_);
    lag_ = chance_.between(1ms, 15ms);
    if (!pass_on(line)) return end({.error = TransportError::cancelled, .http = 200, .sent = true});
    if (repeats_ && chance_.one_in(3) && !pass_on(line))
      return end({.error = TransportError::cancelled, .http = 200, .sent = true});
    if (stream_->over()) break;
  }
  if (ends_at_ <= world_.now || stream_->over()) return end({.http = 200, .sent = true});
  if (bookmark_at_ > world_.now) return;
  bookmark_at_ = world_.now + kBookmarkEvery;
  // A bookmark promises that everything before it was sent.
  if (!stream_->next_at()) pass_on(stream_->bookmark());
}

bool Feed::pass_on(const std::string& line) {
  if (line_.bug() == Bug::ignored_410 && line.starts_with(R"({"type":"ERROR")")) {
    stream_->jump_to_end();
    return reflector().on_line(stream_->bookmark(), clock_.steady()) == Flow::more;
  }
  const Flow flow = reflector().on_line(line, clock_.steady());
  if (synced()) first_sight_ = false;
  return flow == Flow::more;
}

void Feed::cut() {
  if (stream_) end({.error = TransportError::eof, .http = 200, .sent = true});
}

void Feed::end(const CallStatus& status) {
  stream_.reset();
  wake_ = world_.now;
  reflector().on_watch_end(status, clock_.steady());
}

}  // namespace seraphim::simulation
