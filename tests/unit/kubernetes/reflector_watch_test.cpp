// How a reflector watches: runtime rules 2-8.
#include <gmock/gmock.h>

#include "kubernetes/reflector_script.h"

namespace seraphim::kubernetes::testing {

using ::testing::HasSubstr;

class ReflectorWatch : public ReflectorScript {};

TEST_F(ReflectorWatch, EventsChangeTheStoreAndMoveTheVersion) {
  sync_and_watch();
  line(event("ADDED", note_json("b", 11, "b")));
  line(event("MODIFIED", note_json("a", 12, "second")));
  EXPECT_EQ(value("a"), "second");
  line(event("DELETED", note_json("b", 13)));
  EXPECT_EQ(value("b"), "none");
  pass(300s);
  end();
  EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "13");
}

TEST_F(ReflectorWatch, Rule2ABookmarkMovesTheVersionAndNothingElse) {
  sync_and_watch();
  const auto before = stats().events;
  const auto held = store_.get({"default", "a"});
  pass(61s);
  line(bookmark(99));
  EXPECT_EQ(store_.get({"default", "a"}), held);
  EXPECT_EQ(stats().events, before);
  EXPECT_EQ(store_.last_sign_of_life(), now_);
  end(TransportError::eof);
  wait();
  EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "99");
}

TEST_F(ReflectorWatch, Rule5ACleanEndIsFollowedByAWatchAtOnceWithoutAList) {
  sync();
  for (int i = 0; i < 5; ++i) {
    pass(300s);
    end();
    EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "10");
  }
  EXPECT_EQ(stats().lists, 1u);
  EXPECT_EQ(stats().watches, 5u);
  EXPECT_EQ(stats().failures, 0u);
}

TEST_F(ReflectorWatch, Rule5ARefusedConnectionIsTriedAgainFromTheSameVersionWithoutAList) {
  sync_and_watch();
  line(event("MODIFIED", note_json("a", 15)));
  std::chrono::milliseconds waited{};
  for (int i = 0; i < 10; ++i) {
    end(CallStatus{.error = TransportError::connect, .detail = "refused"});
    waited += wait();
    EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "15");
  }
  EXPECT_EQ(stats().lists, 1u);
  EXPECT_EQ(stats().failures, 10u);
  EXPECT_GE(waited, 150s);  // 0.8 + 1.6 + ... + 25.6 + 4 * 30
  EXPECT_THAT(stats().last_failure, HasSubstr("connect"));
}

TEST_F(ReflectorWatch, Rule5EveryBrokenStreamIsResumedFromTheLastVersion) {
  for (const auto error :
       {TransportError::eof, TransportError::reset, TransportError::timeout, TransportError::tls,
        TransportError::protocol, TransportError::too_large, TransportError::credentials}) {
    make({});
    sync_and_watch();
    line(event("MODIFIED", note_json("a", 15)));
    end(error);
    EXPECT_GE(wait(), 800ms) << to_string(error);
    EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "15") << to_string(error);
    EXPECT_EQ(stats().lists, 1u) << to_string(error);
  }
}

TEST_F(ReflectorWatch, Rule5RetryAfterOfA429Or503IsRespected) {
  for (const int http : {429, 503}) {
    make({});
    sync_and_watch();
    auto answer = refuse(http, "TooManyRequests");
    answer.status.retry_after = 17s;
    refuse_watch(answer);
    EXPECT_EQ(wait(), 17s);
    EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "10");
    EXPECT_EQ(stats().lists, 1u);
  }
}

TEST_F(ReflectorWatch, ARetryAfterShorterThanTheBackoffDoesNotShortenIt) {
  sync_and_watch();
  auto answer = refuse(429, "TooManyRequests");
  answer.status.retry_after = 1ms;
  refuse_watch(answer);
  EXPECT_EQ(wait(), 800ms);
}

TEST_F(ReflectorWatch, AnAbsurdRetryAfterIsCut) {
  sync_and_watch();
  auto answer = refuse(503, "ServiceUnavailable");
  answer.status.retry_after = 86'400s;
  refuse_watch(answer);
  EXPECT_EQ(wait(), 300s);
}

TEST_F(ReflectorWatch, Rule3AnExpiredVersionInTheStreamMakesAQuorumListAtOnce) {
  sync_and_watch();
  line(bookmark(12));
  EXPECT_EQ(line(error_event(410, "Expired")), Flow::stop);
  end(TransportError::cancelled);
  const auto query = query_of(asked_watch());
  EXPECT_EQ(query.at("sendInitialEvents"), "true");
  EXPECT_FALSE(query.contains("resourceVersion"));
  EXPECT_EQ(stats().expired, 1u);
  EXPECT_EQ(stats().failures, 0u);
  EXPECT_EQ(value("a"), "first") << "the store stays as it was until the new list is there";
}

TEST_F(ReflectorWatch, Rule3AnExpiredVersionAsAnHttpStatusMakesAQuorumListAtOnce) {
  sync_and_watch();
  refuse_watch(refuse(410, "Gone"));
  EXPECT_EQ(query_of(asked_watch()).count("resourceVersion"), 0u);
  EXPECT_EQ(query_of(asked_watch()).count("sendInitialEvents"), 1u);
  EXPECT_EQ(stats().expired, 1u);
}

TEST_F(ReflectorWatch, Rule3AnExpiredVersionAfterARestartOfTheServerMakesAListAtOnce) {
  sync_and_watch();
  for (int i = 0; i < 3; ++i) {
    end(CallStatus{.error = TransportError::connect});
    wait();
    asked_watch();
  }
  line(error_event(410, "Expired"));  // the new server's cache begins later than our version
  end(TransportError::cancelled);
  EXPECT_EQ(wait(), 0ms);
  EXPECT_EQ(query_of(asked_watch()).count("sendInitialEvents"), 1u);
}

TEST_F(ReflectorWatch, ALineThatStaysUnreadableIsGoneRoundByAListOnlyTheSecondTime) {
  sync_and_watch();
  for (int i = 0; i < 3; ++i) {
    line(event("MODIFIED", note_json("a", 11 + i)));  // progress in between
    line("garbage");
    end(TransportError::cancelled);
    wait();
    EXPECT_EQ(query_of(asked_watch()).count("sendInitialEvents"), 0u);
  }
  line("garbage");
  end(TransportError::cancelled);
  wait();
  auto query = query_of(asked_watch());
  EXPECT_EQ(query["sendInitialEvents"], "true");
  EXPECT_EQ(query["resourceVersion"], "13");
}

TEST_F(ReflectorWatch, Rule3EndlessExpiryIsNotAHotLoop) {
  sync_and_watch();
  int at_once = 0;
  for (int i = 0; i < 10; ++i) {
    line(error_event(410, "Expired"));
    end(TransportError::cancelled);
    if (wait() == 0ms) ++at_once;
    asked_watch();
    line(initial_events_end(20 + i));
  }
  EXPECT_EQ(at_once, 1);
  EXPECT_EQ(stats().expired, 10u);
}

TEST_F(ReflectorWatch, Rule3AVersionAheadOfTheServerMakesAQuorumList) {
  sync_and_watch();
  line(error_event(504, "Timeout", {{"causes", {{{"reason", "ResourceVersionTooLarge"}}}}}));
  end(TransportError::cancelled);
  EXPECT_EQ(wait(), 0ms);
  EXPECT_EQ(query_of(asked_watch()).count("sendInitialEvents"), 1u);
  EXPECT_EQ(query_of(asked_watch()).count("resourceVersion"), 0u);
  EXPECT_EQ(stats().expired, 0u);
}

TEST_F(ReflectorWatch, OtherErrorEventsAreTriedAgainFromTheSameVersion) {
  sync_and_watch();
  EXPECT_EQ(line(error_event(500, "InternalError", {{"retryAfterSeconds", 9}})), Flow::stop);
  end(TransportError::cancelled);
  EXPECT_EQ(wait(), 9s);
  EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "10");
  EXPECT_THAT(stats().last_failure, HasSubstr("500 InternalError: scripted"));
}

TEST_F(ReflectorWatch, AVersionThatTheServerDoesNotUnderstandMakesAList) {
  sync_and_watch();
  refuse_watch(refuse(400, "BadRequest", "invalid resourceVersion"));
  EXPECT_GE(wait(), 800ms);
  EXPECT_EQ(query_of(asked_watch()).count("sendInitialEvents"), 1u);
}

TEST_F(ReflectorWatch, LinesThatAreNoEventsEndTheWatchAndNothingIsLost) {
  for (const std::string text :
       {"garbage", "{", "[]", "{}", R"({"type":"ADDED"})", R"({"type":"ADDED","object":1})",
        R"({"type":"PARTLY","object":{"metadata":{"resourceVersion":"12"}}})",
        R"({"type":"MODIFIED","object":{"metadata":{"name":"a"}}})", "\xff\xfe"}) {
    make({});
    sync_and_watch();
    line(event("MODIFIED", note_json("a", 11)));
    EXPECT_EQ(line(text), Flow::stop) << text;
    end(TransportError::cancelled);
    EXPECT_GE(wait(), 800ms) << text;
    const auto query = query_of(asked_watch());
    EXPECT_EQ(query.at("resourceVersion"), "11") << text;
    EXPECT_FALSE(query.contains("sendInitialEvents")) << text;
    EXPECT_EQ(stats().failures, 1u);
  }
}

TEST_F(ReflectorWatch, Rule6AWatchThatEndsAtOnceIsAFailure) {
  sync_and_watch();
  now_ += 999ms;
  end();
  EXPECT_EQ(stats().failures, 1u);
  EXPECT_GE(wait(), 800ms);
  EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "10");
}

TEST_F(ReflectorWatch, Rule6AShortWatchWithAnEventIsNone) {
  sync_and_watch();
  line(event("MODIFIED", note_json("a", 11)));
  end();
  EXPECT_EQ(stats().failures, 0u);
  EXPECT_EQ(wait(), 0ms);
}

TEST_F(ReflectorWatch, Rule6AShortWatchWithOnlyABookmarkIsAFailure) {
  sync_and_watch();
  line(bookmark(11));
  end();
  EXPECT_EQ(stats().failures, 1u);
}

TEST_F(ReflectorWatch, Rule6AServerThatAlwaysClosesAtOnceIsNotAskedOften) {
  sync_and_watch();
  chance_ = 0.5;
  const auto began = now_;
  std::uint64_t before = stats().watches;
  while (now_ - began < 600s) {
    end();
    wait();
    asked_watch();
  }
  EXPECT_LE(static_cast<double>(stats().watches - before) / 600.0, 0.3);
}

TEST_F(ReflectorWatch, Rule6ALongHealthyWatchStartsTheBackoffAnew) {
  sync_and_watch();
  for (int i = 0; i < 6; ++i) {
    end(CallStatus{.error = TransportError::connect});
    wait();
    asked_watch();
  }
  pass(60s);  // a load balancer that cuts every minute must not cost a minute each time
  end(TransportError::eof);
  EXPECT_EQ(wait(), 800ms);
}

TEST_F(ReflectorWatch, Rule7TheTimeAskedForIsRandomWithinItsRange) {
  sync_and_watch();
  EXPECT_EQ(query_of(asked_watch())["timeoutSeconds"], "300");
  chance_ = 0.5;
  EXPECT_EQ(query_of(asked_watch())["timeoutSeconds"], "450");
  chance_ = 0.999999;
  EXPECT_EQ(query_of(asked_watch())["timeoutSeconds"], "600");
}

TEST_F(ReflectorWatch, Rule7SilenceIsBounded) {
  EXPECT_EQ(std::get<Reflector::Watch>(reflector_->next(now_)).idle, 90s);
}

TEST_F(ReflectorWatch, Rule8AnOlderEventDoesNotOverwriteANewerObject) {
  sync_and_watch();
  store_.note_written(note("a", "uid-of-a", 20, "mine"));
  line(event("MODIFIED", note_json("a", 15, "older")));
  EXPECT_EQ(value("a"), "mine");
}

TEST_F(ReflectorWatch, AStopIsNoFailure) {
  sync_and_watch();
  end(TransportError::cancelled);
  EXPECT_EQ(stats().failures, 0u);
  EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "10");
}

TEST_F(ReflectorWatch, AnObjectThatCannotBeReadIsReportedAndTheWatchGoesOn) {
  sync_and_watch();
  auto object = note_json("a", 11);
  object["broken"] = true;
  EXPECT_EQ(line(event("MODIFIED", object)), Flow::more);
  EXPECT_EQ(reports_.size(), 1u);
  EXPECT_EQ(value("a"), "first");
  EXPECT_EQ(line(event("MODIFIED", note_json("a", 12, "again"))), Flow::more);
  EXPECT_EQ(value("a"), "again");
}

}  // namespace seraphim::kubernetes::testing
