// What goes wrong, and the end of it.
#include <nlohmann/json.hpp>

#include "simulation/director.h"
#include "simulation/world.h"

namespace seraphim::simulation {
namespace {

constexpr auto kLagLasts = 10s, kRefusalLasts = 5s;

}  // namespace

void World::apply_fault(const Action& action) {
  const auto later = [&](std::chrono::milliseconds time, std::function<void()> what) {
    director_->at(clock_.now + time, std::move(what));
  };
  const auto kind = [&] { return static_cast<Kind>(action.a); };
  const auto for_feeds = [this](Kind of, const std::function<void(Feed&)>& act) {
    for (const auto& process : processes_) {
      Feed* feed = process->feed(of);
      if (!process->dead() && feed != nullptr && !feed->acting) act(*feed);
    }
  };
  switch (action.deed) {
    case Deed::fail_calls:
      for (const auto& process : processes_)
        process->line().fail_calls(static_cast<CallFault>(action.a), static_cast<int>(action.b),
                                   action.b % 2 == 1);
      return;
    case Deed::lag_watch:
      for_feeds(kind(), [&](Feed& feed) { feed.lag(SimTime(action.b)); });
      return later(kLagLasts, [for_feeds, of = kind()] { for_feeds(of, [](Feed& feed) { feed.lag(0ms); }); });
    case Deed::lag_server:
      store_.lag_reads(SimTime(action.a));
      return later(kLagLasts, [this] { store_.lag_reads(0ms); });
    case Deed::cut_watch:
      return for_feeds(kind(), [](Feed& feed) { feed.cut(); });
    case Deed::refuse_watch:
      for_feeds(kind(), [](Feed& feed) {
        feed.refuse(true);
        feed.cut();
      });
      return later(kRefusalLasts,
                   [for_feeds, of = kind()] { for_feeds(of, [](Feed& feed) { feed.refuse(false); }); });
    case Deed::repeat_events:
      for_feeds(kind(), [](Feed& feed) { feed.repeat(true); });
      return later(kLagLasts,
                   [for_feeds, of = kind()] { for_feeds(of, [](Feed& feed) { feed.repeat(false); }); });
    case Deed::compact:
      // What happens while nobody watches is gone when they come back.
      for_feeds(kind(), [](Feed& feed) {
        feed.refuse(true);
        feed.cut();
      });
      return later(kRefusalLasts, [this, for_feeds, of = kind()] {
        store_.compact(of);
        for_feeds(of, [](Feed& feed) { feed.refuse(false); });
      });
    case Deed::crash:
      if (!processes_.empty())
        processes_.front()->line().crash_at_write(static_cast<int>(action.a), action.b == 1);
      return;
    case Deed::freeze:
      if (!processes_.empty()) processes_.front()->freeze_until(clock_.now + SimTime(action.a));
      return;
    case Deed::second:
      checks_.wall_was_set();  // one hands over to the other, whose clock is wrong
      if (processes_.size() < 2) start_operator(SimTime(action.a), static_cast<int>(action.b));
      return;
    case Deed::set_wall:
      checks_.wall_was_set();
      for (const auto& process : processes_) process->clock().set_wall(SimTime(action.a));
      return;
    case Deed::metrics:
      prometheus_.set_fault(static_cast<MetricsFault>(action.a));
      return later(SimTime(action.b), [this] { prometheus_.set_fault(MetricsFault::none); });
    case Deed::crash_pods: {
      const std::string& revision = action.a == 0 ? checks_.status().stable : checks_.status().candidate;
      checks_.excuse(revision);
      return cluster_.crash_pods(revision, action.b == 1);
    }
    case Deed::slow_router:
      router_.slow_down(SimTime(action.a));
      return later(kLagLasts, [this] { router_.slow_down(0ms); });
    default:
      cluster_.slow_endpoints(SimTime(action.a));
      return later(kLagLasts, [this] { cluster_.slow_endpoints(0ms); });
  }
}

void World::heal() {
  healed_ = true;
  note("all faults are over, and people want nothing more");
  prometheus_.set_fault(MetricsFault::none);
  store_.lag_reads(0ms);
  router_.slow_down(0ms);
  cluster_.slow_endpoints(0ms);
  for (const auto& process : processes_) {
    process->line().heal();
    process->clock().correct_wall();
    process->freeze_until(clock_.now);
    for (std::size_t i = 0; i < kKinds; ++i) {
      Feed* feed = process->feed(static_cast<Kind>(i));
      if (feed == nullptr) continue;
      feed->lag(0ms);
      feed->refuse(false);
      feed->repeat(false);
    }
  }
  edit_object([](nlohmann::json& spec) { spec["paused"] = false; });
  lift_freezes();
}

}  // namespace seraphim::simulation
