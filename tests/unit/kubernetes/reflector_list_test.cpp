// How a reflector lists: runtime rules 1-3.
#include <gmock/gmock.h>

#include "kubernetes/reflector_script.h"

namespace seraphim::kubernetes::testing {

using ::testing::StartsWith;
using Query = std::map<std::string, std::string>;

class ReflectorList : public ReflectorScript {};

// --- Rule 2: streaming list

TEST_F(ReflectorList, Rule2StreamsTheInitialListAndGoesOnInTheSameStream) {
  const std::string target = asked_watch();
  EXPECT_THAT(target, StartsWith("/api/v1/configmaps?"));
  EXPECT_EQ(query_of(target), (Query{{"watch", "true"},
                                     {"allowWatchBookmarks", "true"},
                                     {"sendInitialEvents", "true"},
                                     {"resourceVersionMatch", "NotOlderThan"},
                                     {"timeoutSeconds", "300"}}));
  line(event("ADDED", note_json("a", 7)));
  line(event("ADDED", note_json("b", 3)));
  EXPECT_EQ(store_.size(), 0u) << "a list in progress must not be visible";
  EXPECT_FALSE(store_.synced());
  EXPECT_FALSE(reflector_->synced());
  line(initial_events_end(10));
  EXPECT_EQ(store_.size(), 2u);
  EXPECT_TRUE(store_.synced());
  EXPECT_TRUE(reflector_->synced());
  line(event("ADDED", note_json("c", 11)));
  EXPECT_EQ(store_.size(), 3u);
  EXPECT_EQ(stats().lists, 1u);
  EXPECT_EQ(stats().watches, 0u);
  EXPECT_EQ(stats().events, 3u);
}

TEST_F(ReflectorList, Rule2AStreamCutInMidListLeavesTheStoreAsItWas) {
  asked_watch();
  line(event("ADDED", note_json("a", 7)));
  end(TransportError::eof);
  EXPECT_EQ(store_.size(), 0u);
  EXPECT_FALSE(store_.synced());
  EXPECT_GT(wait(), 0ms);
  EXPECT_EQ(query_of(asked_watch())["sendInitialEvents"], "true");
  line(event("ADDED", note_json("b", 8)));
  line(initial_events_end(10));
  EXPECT_EQ(value("a"), "none") << "what the broken list had staged is forgotten";
  EXPECT_EQ(store_.size(), 1u);
}

// Rule 4.
TEST_F(ReflectorList, Rule4InitialEventsDoNotMoveTheVersionToResumeFrom) {
  asked_watch();
  line(event("ADDED", note_json("a", 70)));
  line(event("ADDED", note_json("b", 30)));
  line(event("ADDED", note_json("c", 50)));
  end(TransportError::eof);
  wait();
  const auto query = query_of(asked_watch());
  EXPECT_FALSE(query.contains("resourceVersion"));
  EXPECT_EQ(query.at("sendInitialEvents"), "true");
}

TEST_F(ReflectorList, AnObjectDeletedDuringTheStreamingListIsNotInIt) {
  asked_watch();
  line(event("ADDED", note_json("a", 7)));
  line(event("MODIFIED", note_json("a", 8, "changed")));
  line(event("ADDED", note_json("b", 7)));
  line(event("DELETED", note_json("b", 9)));
  line(initial_events_end(10));
  EXPECT_EQ(value("a"), "changed");
  EXPECT_EQ(value("b"), "none");
}

TEST_F(ReflectorList, ARefusedStreamingListFallsBackToPagesForGood) {
  for (const int http : {400, 405, 422, 501}) {
    make({});
    asked_watch();
    refuse_watch(refuse(http, "Invalid", "sendInitialEvents is forbidden"));
    const auto query = query_of(asked_list());  // at once
    EXPECT_EQ(query, (Query{{"limit", "500"}})) << http;
    EXPECT_EQ(stats().failures, 0u);
    answer_list(ok(page(10, {note_json("a", 5)})));
    EXPECT_EQ(query_of(asked_watch())["resourceVersion"], "10");
    pass(10s);
    line(error_event(410, "Expired"));
    end(TransportError::cancelled);
    wait();
    EXPECT_NE(asked_list(), "") << "not asked for a streaming list again";
  }
}

TEST_F(ReflectorList, AServerThatTakesAStreamingListForAPlainWatchGetsPages) {
  asked_watch();
  line(event("ADDED", note_json("a", 7)));
  EXPECT_EQ(line(bookmark(20)), Flow::stop);  // without the mark of the end
  end(TransportError::cancelled);
  EXPECT_FALSE(store_.synced());
  EXPECT_NE(asked_list(), "");

  make({});
  asked_watch();
  line(event("ADDED", note_json("a", 7)));
  pass(300s);
  end();  // cleanly, but without the mark
  EXPECT_NE(asked_list(), "");
}

TEST_F(ReflectorList, AnUnavailableStreamingListIsAskedForAgain) {
  for (const auto& answer :
       {refuse(503, "ServiceUnavailable"), refuse(403, "Forbidden"), refuse(404, "NotFound")}) {
    make({});
    asked_watch();
    refuse_watch(answer);
    EXPECT_GE(wait(), 800ms);
    EXPECT_EQ(query_of(asked_watch())["sendInitialEvents"], "true");
    EXPECT_EQ(stats().failures, 1u);
    EXPECT_EQ(stats().lists, 2u);
  }
}

TEST_F(ReflectorList, AsksForTheNamespaceAndTheSelectors) {
  make({.namespace_ = "team a", .label_selector = "a=b,c", .field_selector = "metadata.name=x"});
  const std::string target = asked_watch();
  EXPECT_THAT(target, StartsWith("/api/v1/namespaces/team%20a/configmaps?"));
  EXPECT_EQ(query_of(target)["labelSelector"], "a%3Db%2Cc");
  EXPECT_EQ(query_of(target)["fieldSelector"], "metadata.name%3Dx");
}

// --- Rule 3 and pages

TEST_F(ReflectorList, PagesAreFollowedByTheirTokenEvenWhenEmpty) {
  make_paged();
  EXPECT_EQ(query_of(asked_list()), (Query{{"limit", "500"}}));
  answer_list(ok(page(10, {note_json("a", 5)}, "more+1")));
  EXPECT_FALSE(store_.synced());
  EXPECT_EQ(query_of(asked_list()), (Query{{"limit", "500"}, {"continue", "more%2B1"}}));
  answer_list(ok(page(10, {}, "more2")));
  EXPECT_EQ(query_of(asked_list())["continue"], "more2");
  answer_list(ok(page(12, {note_json("b", 6)})));
  EXPECT_EQ(store_.size(), 2u);
  EXPECT_TRUE(store_.synced());
  EXPECT_EQ(stats().lists, 1u);
  EXPECT_EQ(query_of(asked_watch()),
            (Query{{"watch", "true"},
                   {"allowWatchBookmarks", "true"},
                   {"resourceVersion", "10"},  // of the first page: nothing between the pages is missed
                   {"timeoutSeconds", "300"}}));
}

TEST_F(ReflectorList, ListsAreReadCompressed) {
  make_paged();
  EXPECT_TRUE(std::get<Reflector::List>(reflector_->next(now_)).request.gzip);
}

TEST_F(ReflectorList, AListWithoutItemsIsEmpty) {
  make_paged();
  asked_list();
  answer_list(ok(R"({"metadata":{"resourceVersion":"3"},"items":null})"));
  EXPECT_TRUE(store_.synced());
}

TEST_F(ReflectorList, ABrokenPageIsAskedForAgainWithItsToken) {
  make_paged();
  asked_list();
  answer_list(ok(page(10, {note_json("a", 5)}, "more")));
  asked_list();
  answer_list(broken(TransportError::timeout));
  EXPECT_GT(wait(), 0ms);
  EXPECT_EQ(query_of(asked_list())["continue"], "more");
  answer_list(ok(page(10, {note_json("b", 6)})));
  EXPECT_EQ(store_.size(), 2u);
  EXPECT_EQ(stats().lists, 1u);
}

TEST_F(ReflectorList, AContinueTokenThatExpiredMakesAWholeNewListInOnePiece) {
  make_paged();
  asked_list();
  answer_list(ok(page(10, {note_json("gone", 5)}, "more")));
  asked_list();
  answer_list(refuse(410, "Expired"));
  EXPECT_EQ(query_of(asked_list()), (Query{{"limit", "0"}}));
  answer_list(ok(page(20, {note_json("b", 6)})));
  EXPECT_EQ(value("gone"), "none");
  EXPECT_EQ(store_.size(), 1u);
  EXPECT_EQ(stats().expired, 1u);
  EXPECT_EQ(stats().lists, 2u);
}

TEST_F(ReflectorList, AListThatIsNoListIsAFailureAndChangesNothing) {
  for (const std::string body : {"<html>", "[]", "{}", R"({"metadata":{"resourceVersion":7}})", ""}) {
    make_paged();
    asked_list();
    answer_list(ok(body));
    EXPECT_FALSE(store_.synced()) << body;
    EXPECT_GE(wait(), 800ms) << body;
    EXPECT_NE(asked_list(), "") << body;
  }
}

TEST_F(ReflectorList, Rule3AVersionThatTheServerHasNotSeenMakesAQuorumList) {
  sync_and_watch();
  line("garbage");  // twice at the same version: a list that is not older than what we have
  end(TransportError::cancelled);
  wait();
  asked_watch();
  line("garbage");
  end(TransportError::cancelled);
  wait();
  auto query = query_of(asked_watch());
  EXPECT_EQ(query["resourceVersion"], "10");
  EXPECT_EQ(query["sendInitialEvents"], "true");
  refuse_watch(
      reply(504, R"({"kind":"Status","code":504,"reason":"Timeout","message":"Too large resource version",)"
                 R"("details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}})"));
  EXPECT_EQ(wait(), 0ms);
  query = query_of(asked_watch());
  EXPECT_EQ(query["sendInitialEvents"], "true");
  EXPECT_FALSE(query.contains("resourceVersion"));
}

TEST_F(ReflectorList, AQuorumListThatExpiresIsNotRepeatedWithoutAPause) {
  make_paged();
  asked_list();
  answer_list(refuse(410, "Expired"));
  EXPECT_GE(wait(), 800ms);

  make({});
  asked_watch();
  line(error_event(410, "Expired"));
  end(TransportError::cancelled);
  EXPECT_GE(wait(), 800ms);
}

// --- Rule 1

TEST_F(ReflectorList, Rule1WhatWasDeletedWhileDisconnectedIsDeletedByTheList) {
  sync_and_watch();
  line(event("ADDED", note_json("b", 12, "b")));
  pass(2s);
  line(error_event(410, "Expired"));
  end(TransportError::cancelled);
  asked_watch();
  line(event("ADDED", note_json("b", 12, "b")));
  EXPECT_EQ(value("a"), "first");
  line(initial_events_end(30));
  EXPECT_EQ(value("a"), "none");
  EXPECT_EQ(value("b"), "b");
}

TEST_F(ReflectorList, AStopDuringAListResumesWithIt) {
  make_paged();
  asked_list();
  answer_list(ok(page(10, {note_json("a", 5)}, "more")));
  asked_list();
  answer_list(broken(TransportError::cancelled));
  EXPECT_EQ(query_of(asked_list())["continue"], "more");
  EXPECT_EQ(stats().failures, 0u);

  make({});
  asked_watch();
  line(event("ADDED", note_json("x", 5)));
  end(TransportError::cancelled);
  EXPECT_EQ(query_of(asked_watch())["sendInitialEvents"], "true");
  line(initial_events_end(10));
  EXPECT_EQ(value("x"), "none");
  EXPECT_EQ(stats().failures, 0u);
}

TEST_F(ReflectorList, AskingAgainGivesTheSameStep) {
  EXPECT_EQ(asked_watch(), asked_watch());
  EXPECT_EQ(stats().lists, 1u);
  make_paged();
  EXPECT_EQ(asked_list(), asked_list());
  EXPECT_EQ(stats().lists, 1u);
  answer_list(ok(page(10, {})));
  EXPECT_EQ(asked_watch(), asked_watch());
  EXPECT_EQ(stats().watches, 1u);
}

}  // namespace seraphim::kubernetes::testing
