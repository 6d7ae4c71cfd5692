// Runtime rule 21 when the server refuses, is away, or its answers get lost.
#include <gtest/gtest.h>

#include "kubernetes/event_fixture.h"
#include "kubernetes/fake_transport.h"

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::Fault;
using testing::Methods;
using testing::note;

using EventFailuresTest = testing::EventFixture;

TEST_F(EventFailuresTest, AnOutageIsWaitedForWithBackoff) {
  fail({.instead = testing::refuse(500, "InternalError")});
  record(note("1"));
  record(note("2"));
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    const auto before = server_.calls();
    ASSERT_EQ(flush(), pause);
    EXPECT_LE(server_.calls(), before + 2) << "one note is tried, the others wait";
    EXPECT_EQ(flush(), pause) << "too early";
    clock_.advance(pause);
  }
  heal();
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(server_.paths().size(), 2u);
  EXPECT_EQ(recorder_.dropped(), 0u);
  clock_.advance(1min);
  fail({.instead = testing::refuse(500, "InternalError")});
  record(note("3"));
  EXPECT_EQ(flush(), 1s) << "a success starts anew";
}

TEST_F(EventFailuresTest, RetryAfterIsHeeded) {
  auto busy = testing::refuse(429, "TooManyRequests");
  busy.status.retry_after = 17s;
  fail({.instead = busy});
  record(note());
  EXPECT_EQ(flush(), 17s);
}

TEST_F(EventFailuresTest, AfterTwelveTriesANoteIsDropped) {
  fail({.before = TransportError::connect});
  record(note());
  record(note());
  for (int i = 0; i < 11; ++i) clock_.advance(flush().value());
  EXPECT_EQ(recorder_.dropped(), 0u);
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(recorder_.dropped(), 2u) << "the notes in it are counted";
  EXPECT_EQ(server_.calls(), 12u);
}

TEST_F(EventFailuresTest, WhatTheServerRefusesIsDropped) {
  for (const int http : {400, 403, 404, 422}) {
    const auto before = recorder_.dropped();
    fail({.instead = testing::refuse(http, "No")});
    record(note());
    record(note("other"));
    EXPECT_EQ(flush(), std::nullopt) << http;
    EXPECT_EQ(recorder_.dropped(), before + 2) << http;
    heal();
    record(note());
    EXPECT_EQ(flush(), std::nullopt) << http;
    EXPECT_EQ(count(), 1) << http;
    server_.erase(server_.paths().at(0));
    recorder_.hurry();
    record(note());  // the recorder knows an Event that is gone
    EXPECT_EQ(flush(), std::nullopt) << http;
    EXPECT_EQ(count(), 1) << http << ": made anew";
    server_.erase(server_.paths().at(0));
  }
}

TEST_F(EventFailuresTest, SomebodyElseCountingIsCountedOnto) {
  record(note());
  flush();
  auto elsewhere = event();
  elsewhere["series"] = {{"count", 7}, {"lastObservedTime", "2026-11-24T16:17:33.000000Z"}};
  server_.put(server_.paths()[0], elsewhere);
  clock_.advance(1min);
  record(note());
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(count(), 8);
  EXPECT_EQ(server_.methods(), (Methods{"POST", "PATCH", "GET", "PATCH"}));
}

TEST_F(EventFailuresTest, EndlessConflictsAreAFailedTry) {
  record(note());
  flush();
  clock_.advance(1min);
  server_.set_interloper([this](const Request& request) {
    if (request.method == "PATCH") server_.put(server_.paths()[0], event());
  });
  record(note());
  EXPECT_EQ(flush(), 1s);
  server_.set_interloper({});
  clock_.advance(1s);
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(count(), 2);
}

TEST_F(EventFailuresTest, ALostAnswerDoesNotCountTwice) {
  for (const auto error : {TransportError::timeout, TransportError::eof}) {
    for (const int notes : {1, 3}) {
      EventRecorder recorder({.instance = "pod-1"});
      recorder.hurry();
      const auto add = [&](int n) {
        for (int i = 0; i < n; ++i) recorder.record(note(), clock_.wall());
      };
      const auto write = [&] {
        while (const auto pause = recorder.flush(client_, clock_, {})) clock_.advance(*pause);
      };
      fail(2, {.after = error});  // a create
      add(notes);
      recorder.flush(client_, clock_, {});
      add(2);  // while the first is in doubt
      write();
      EXPECT_EQ(count(), notes + 2);
      clock_.advance(1s);
      fail(2, {.after = error});  // a patch
      add(notes);
      recorder.flush(client_, clock_, {});
      add(1);
      write();
      EXPECT_EQ(count(), 2 * notes + 3);
      clock_.advance(1s);
      fail(2, {.before = error});  // this time nothing arrived
      add(notes);
      write();
      EXPECT_EQ(count(), 3 * notes + 3);
      server_.erase(server_.paths()[0]);
    }
  }
}

TEST_F(EventFailuresTest, NotesDuringAWriteThatFailsAreNotLost) {
  server_.set_fault([this](const Request&) {
    clock_.advance(1s);
    record(note());
    record(note("other"));
    return Fault{.before = TransportError::timeout};
  });
  record(note());
  clock_.advance(flush().value());
  heal();
  flush_all();
  ASSERT_EQ(server_.paths().size(), 2u);
  std::int64_t total = 0;
  for (const auto& path : server_.paths()) {
    const auto event = server_.object(path);
    total += event.contains("series") ? event["series"]["count"].get<std::int64_t>() : 1;
  }
  EXPECT_EQ(total, 3);
}

TEST_F(EventFailuresTest, StoppedItKeepsWhatWaits) {
  record(note());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_NE(recorder_.flush(client_, clock_, stop.get_token()), std::nullopt);
  EXPECT_EQ(server_.calls(), 0u);
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(count(), 1);
}

TEST_F(EventFailuresTest, AProcessThatMayNotWriteWaitsWithoutCountingTries) {
  fail({.before = TransportError::cancelled});  // what a fence in front of the transport answers
  record(note());
  for (int i = 0; i < 30; ++i) {
    const auto pause = flush();
    ASSERT_TRUE(pause && *pause > 0ms);
    clock_.advance(*pause);
  }
  heal();
  EXPECT_EQ(flush(), std::nullopt);
  EXPECT_EQ(recorder_.dropped(), 0u);
  EXPECT_EQ(count(), 1);
}

TEST_F(EventFailuresTest, TakesWhateverItIsGiven) {
  EventNote odd;
  odd.regarding.key = {"", "node-1"};
  odd.reason = std::string(500, 'R');
  odd.note = std::string(1023, 'x') + "\u20ac and more \xff";
  EventRecorder recorder({.instance = std::string(500, 'i')});
  recorder.record(odd, clock_.wall());
  EXPECT_EQ(recorder.flush(client_, clock_, {}), std::nullopt);
  EXPECT_EQ(recorder.dropped(), 0u);
  EXPECT_EQ(event()["note"], std::string(1023, 'x'));
  EXPECT_EQ(event()["metadata"]["namespace"], "default");
}

}  // namespace
}  // namespace seraphim::kubernetes
