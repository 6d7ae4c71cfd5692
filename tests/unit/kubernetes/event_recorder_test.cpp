// Runtime rules 21 and 22: what is written, and how often.
#include <gtest/gtest.h>

#include "kubernetes/event_fixture.h"
#include "kubernetes/fake_transport.h"

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::Methods;
using testing::note;

using EventRecorderTest = testing::EventFixture;

TEST_F(EventRecorderTest, WritesANewEvent) {
  EXPECT_EQ(flush(), std::nullopt);
  record(note());
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(server_.methods(), Methods{"POST"});
  EXPECT_EQ(event()["eventTime"], "2026-11-24T16:17:33.000000Z");
  EXPECT_EQ(event()["reportingController"], "seraphim.io/operator");
  EXPECT_EQ(event()["reportingInstance"], "pod-1");
  EXPECT_EQ(event()["regarding"]["uid"], "1234");
  EXPECT_FALSE(event().contains("series"));
  EXPECT_EQ(server_.paths()[0].rfind("/apis/events.k8s.io/v1/namespaces/shop/events/web.", 0), 0u);
}

TEST_F(EventRecorderTest, TheSecondTimeIsASeriesWithoutReading) {
  record(note());
  flush_all();
  clock_.advance(10s);
  record(note());
  flush_all();
  EXPECT_EQ(server_.methods(), (Methods{"POST", "PATCH"}));
  EXPECT_EQ(event()["series"], (json{{"count", 2}, {"lastObservedTime", "2026-11-24T16:17:43.000000Z"}}));
  EXPECT_EQ(event()["eventTime"], "2026-11-24T16:17:33.000000Z");
  clock_.advance(10s);
  record(note());
  flush_all();
  EXPECT_EQ(count(), 3);
}

TEST_F(EventRecorderTest, ARestartedOperatorCountsOn) {
  record(note());
  flush_all();
  EventRecorder restarted({.instance = "pod-2"});
  restarted.record(note(), clock_.wall() + 5s);
  EXPECT_EQ(restarted.flush(client_, clock_, {}), std::nullopt);
  EXPECT_EQ(server_.methods(), (Methods{"POST", "POST", "GET", "PATCH"}));
  EXPECT_EQ(count(), 2);
  EXPECT_EQ(event()["reportingInstance"], "pod-1") << "of the first one; it cannot be changed";
}

TEST_F(EventRecorderTest, ARestartWithinTheSameInstantIsNotTakenForALostAnswer) {
  record(note());
  flush_all();
  EventRecorder other({.instance = "pod-2"});
  other.record(note(), clock_.wall());
  other.flush(client_, clock_, {});
  EXPECT_EQ(count(), 2);
}

TEST_F(EventRecorderTest, EqualNotesThatWaitAreOneWrite) {
  record(note());
  clock_.advance(3s);
  for (int i = 0; i < 9'999; ++i) record(note());
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(server_.methods(), Methods{"POST"});
  EXPECT_EQ(count(), 10'000);
  EXPECT_EQ(event()["eventTime"], "2026-11-24T16:17:33.000000Z");
  EXPECT_EQ(event()["series"]["lastObservedTime"], "2026-11-24T16:17:36.000000Z");
  EXPECT_EQ(recorder_.dropped(), 0u);
}

TEST_F(EventRecorderTest, AStormIsAHandfulOfWrites) {
  for (int i = 0; i < 10'000; ++i) {  // 1000 s of ten a second
    record(note());
    flush();
    clock_.advance(100ms);
  }
  flush_all();
  EXPECT_EQ(count(), 10'000);
  EXPECT_EQ(server_.count("POST"), 1u);
  EXPECT_LE(server_.calls(), 30u);
}

TEST_F(EventRecorderTest, GatheringEndsWhenTheStormDoes) {
  for (int i = 0; i < 1'000; ++i) {
    record(note());
    flush();
    clock_.advance(100ms);
  }
  flush_all();
  clock_.advance(2min);
  record(note());
  EXPECT_EQ(flush(), std::nullopt) << "written at once";
  record(note());
  EXPECT_EQ(flush(), 1s) << "and gathered for a second";
}

TEST_F(EventRecorderTest, InAHurryNothingIsGathered) {
  record(note());
  flush();
  record(note());
  EXPECT_EQ(flush(), 1s);
  recorder_.hurry();
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(count(), 2);
}

TEST_F(EventRecorderTest, DifferentNotesAreDifferentEventsInOrder) {
  for (const char* step : {"1", "2", "3"}) record(note(step));
  flush_all();
  EXPECT_EQ(server_.paths().size(), 3u);
  EXPECT_EQ(server_.count("POST"), 3u);
}

TEST_F(EventRecorderTest, WritesKeepTheRate) {
  for (int i = 0; i < 60; ++i) record(note(std::to_string(i)));
  EXPECT_EQ(flush(), 50ms);
  EXPECT_EQ(server_.calls(), 50u) << "the burst";
  clock_.advance(50ms);
  flush();
  EXPECT_EQ(server_.calls(), 51u);
  clock_.advance(1s);
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(server_.calls(), 60u);
}

TEST_F(EventRecorderTest, AFullQueueDropsTheNewestAndCounts) {
  EventRecorder small({.instance = "pod-1", .queue_limit = 2});
  for (const char* step : {"1", "2", "3", "4"}) small.record(note(step), clock_.wall());
  small.record(note("1"), clock_.wall());  // waits already: needs no room
  EXPECT_EQ(small.dropped(), 2u);
  small.flush(client_, clock_, {});
  EXPECT_EQ(server_.paths().size(), 2u);
}

}  // namespace
}  // namespace seraphim::kubernetes
