#include "kubernetes/reflector_runner.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "kubernetes/fake_transport.h"
#include "kubernetes/hand_clock.h"
#include "kubernetes/informer.h"
#include "kubernetes/note.h"
#include "kubernetes/spin.h"

namespace seraphim::kubernetes::testing {
namespace {

using namespace std::chrono_literals;

/// Lets a test wait for what another thread says.
class Told {
 public:
  void say(std::string text) {
    const std::lock_guard lock(mutex_);
    said_.push_back(std::move(text));
    changed_.notify_all();
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return said_.size() >= count; });
  }
  std::string at(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return said_.at(index);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> said_;
};

Random never() {
  return [] { return 0.0; };
}

}  // namespace

TEST(ReflectorRunner, AnInformerListsWatchesAndTellsOfChanges) {
  FakeTransport transport;
  transport.stream_script({.lines = {event("ADDED", note_json("a", 5, "x")), initial_events_end(10),
                                     event("MODIFIED", note_json("a", 11, "y"))},
                           .until_stopped = true});
  Told changes;
  Informer<Note> informer(transport, {.label_selector = "app=x"}, system_clock(), never(), {});
  std::thread::id handler_thread;
  informer.store().on_change([&](const auto&, const auto& after) {
    handler_thread = std::this_thread::get_id();
    changes.say(after->value + " " + std::to_string(informer.stats().lists));  // must not deadlock
  });
  informer.start();
  ASSERT_TRUE(changes.wait_for(2));
  EXPECT_EQ(changes.at(0), "x 1");
  EXPECT_EQ(changes.at(1), "y 1");
  EXPECT_TRUE(informer.synced());
  EXPECT_TRUE(informer.store().last_sign_of_life().has_value());
  informer.stop();
  EXPECT_NE(handler_thread, std::this_thread::get_id());
  EXPECT_NE(transport.requests().at(0).target.find("labelSelector=app%3Dx"), std::string::npos);
  EXPECT_EQ(informer.stats().failures, 0u);
}

TEST(ReflectorRunner, KnowsWhenItsThreadLastDidSomething) {
  HandClock clock;
  FakeTransport transport;
  transport.stream_script({.until_stopped = true});
  Informer<Note> informer(transport, {}, clock, never(), {});
  EXPECT_EQ(informer.state().last_active, std::nullopt) << "not started";
  informer.start();
  EXPECT_EQ(informer.state().last_active, clock.steady());
  ASSERT_TRUE(transport.wait_for_requests(1));
  const auto before = clock.steady();
  clock.advance(7s);
  EXPECT_EQ(informer.state().last_active, before) << "it hears nothing, for whatever reason";
  EXPECT_EQ(informer.state().resource, "configmaps");
  informer.stop();
  EXPECT_EQ(informer.state().last_active, std::nullopt) << "ended";
  EXPECT_FALSE(informer.state().synced);
}

TEST(ReflectorRunner, ListsInPagesWhenStreamingIsRefused) {
  FakeTransport transport;
  transport.stream_script({.end = {.http = 422, .sent = true, .detail = R"({"kind":"Status","code":422})"}});
  transport.answer(200, R"({"metadata":{"resourceVersion":"7","continue":"t"},"items":[]})");
  transport.answer(
      200, nlohmann::json{{"metadata", {{"resourceVersion", "7"}}}, {"items", {note_json("a", 5)}}}.dump());
  Informer<Note> informer(transport, {}, system_clock(), never(), {});
  informer.start();
  ASSERT_TRUE(transport.wait_for_requests(4));
  informer.stop();
  EXPECT_EQ(informer.store().size(), 1u);
  EXPECT_NE(transport.requests().at(3).target.find("resourceVersion=7"), std::string::npos);
  EXPECT_EQ(transport.timeouts().at(0), 60s);
}

TEST(ReflectorRunner, StopEndsALongWaitAtOnce) {
  FakeTransport transport;
  transport.stream_script({.end = {.error = TransportError::connect, .detail = "nobody there"}});
  Told reports;
  const ReflectorOptions slow{.backoff = {.first = 3'600'000ms, .longest = 3'600'000ms}};
  Informer<Note> informer(transport, slow, system_clock(), never(),
                          [&](const std::string& text) { reports.say(text); });
  informer.start();
  ASSERT_TRUE(reports.wait_for(1));
  EXPECT_NE(reports.at(0).find("nobody there"), std::string::npos);
  const auto began = std::chrono::steady_clock::now();
  informer.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);  // an hour otherwise
  EXPECT_EQ(informer.stats().failures, 1u);
}

TEST(ReflectorRunner, WaitsAsLongAsTheReflectorSays) {
  FakeTransport transport;
  transport.stream_script({.end = {.error = TransportError::connect}});
  const ReflectorOptions options{.backoff = {.first = 200ms, .longest = 200ms}};
  Informer<Note> informer(transport, options, system_clock(), never(), {});
  const auto began = std::chrono::steady_clock::now();
  informer.start();
  ASSERT_TRUE(transport.wait_for_requests(2));
  EXPECT_GE(std::chrono::steady_clock::now() - began, 200ms);
}

TEST(ReflectorRunner, CanBeStartedAgainAndGoesOnWhereItWas) {
  FakeTransport transport;
  transport.stream_script(
      {.lines = {initial_events_end(10), event("ADDED", note_json("a", 11))}, .until_stopped = true});
  Told changes;
  Informer<Note> informer(transport, {}, system_clock(), never(), {});
  informer.store().on_change([&](const auto&, const auto&) { changes.say("changed"); });
  informer.start();
  informer.start();  // no second thread
  ASSERT_TRUE(changes.wait_for(1));
  informer.stop();
  ASSERT_EQ(transport.requests().size(), 1u);
  informer.start();
  ASSERT_TRUE(transport.wait_for_requests(2));
  EXPECT_NE(transport.requests().at(1).target.find("resourceVersion=11"), std::string::npos);
  EXPECT_EQ(informer.stats().lists, 1u);
}

TEST(ReflectorRunner, StopsAndIsDestroyedAtAnyMoment) {
  for (int i = 0; i < 50; ++i) {
    FakeTransport transport;
    transport.stream_script({.lines = {event("ADDED", note_json("a", 5)), initial_events_end(10)}});
    Informer<Note> informer(transport, {}, system_clock(), system_random(), {});
    informer.start();
    spin_for(std::chrono::microseconds(i * 4));
  }
}

}  // namespace seraphim::kubernetes::testing
