// Lists and watches: what is told, in which order, from which version on.
#include <gmock/gmock.h>

#include <algorithm>

#include "contract/store_contract.h"
#include "kubernetes/object_meta.h"

namespace seraphim::contract {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

}  // namespace

TEST_P(StoreContract, AWatchTellsWhatCameAfterItsVersionInOrder) {
  const std::string version = version_of(create("a"));
  create("b");
  patch(colour("red"), "a");
  remove("b");
  create("end");
  const auto events = watch("resourceVersion=" + version, "end");
  EXPECT_THAT(texts(events), ElementsAre("ADDED b", "MODIFIED a", "DELETED b", "ADDED end"));
  EXPECT_TRUE(std::ranges::is_sorted(events, {}, &Seen::version)) << "a deletion has a version of its own";
}

TEST_P(StoreContract, AWatchShowsTheObjectAsItWasThen) {
  const std::string version = version_of(create("a"));
  patch(colour("red"), "a");
  patch(colour("blue"), "a");
  create("end");
  const auto events = watch("resourceVersion=" + version, "end");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].object["metadata"]["labels"]["colour"], "red");
  EXPECT_EQ(events[1].object["metadata"]["labels"]["colour"], "blue");
}

TEST_P(StoreContract, AWatchGoesOnFromTheVersionOfAList) {
  create("a");
  const auto list = client_->list(type(), api_->namespace_(), "", 500);
  ASSERT_TRUE(list);
  ASSERT_EQ((*list)["items"].size(), 1u);
  create("b");
  create("end");
  EXPECT_THAT(
      texts(watch("resourceVersion=" + (*list)["metadata"]["resourceVersion"].get<std::string>(), "end")),
      ElementsAre("ADDED b", "ADDED end"));
}

TEST_P(StoreContract, AListSeesAllWritesBeforeIt) {
  create("a");
  remove("a");
  create("b");
  const auto list = client_->list(type(), api_->namespace_(), "", 500);
  ASSERT_TRUE(list);
  ASSERT_EQ((*list)["items"].size(), 1u);
  EXPECT_EQ((*list)["items"][0]["metadata"]["name"], "b");
}

TEST_P(StoreContract, AStreamingListEndsWithABookmarkAndGoesOn) {
  create("a");
  create("b");
  const std::string list = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
  const auto first = watch(list, "b");
  EXPECT_FALSE(first.empty());
  // To the end of the list: the bookmark has no name.
  const auto events = watch(list, "");
  ASSERT_FALSE(events.empty());
  EXPECT_THAT(texts(events), UnorderedElementsAre("ADDED a", "ADDED b"));
  const Seen& end = events.back();
  EXPECT_EQ(end.type, "BOOKMARK");
  EXPECT_EQ(end.object["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
  create("c");
  create("end");
  EXPECT_THAT(texts(watch("resourceVersion=" + std::to_string(end.version), "end")),
              ElementsAre("ADDED c", "ADDED end"));
}

TEST_P(StoreContract, AWatchWithASelectorTellsWhoCameAndWhoLeft) {
  const std::string managed = "serving.seraphim.io/name";
  const auto carry = [&](const json& value) { return json{{"metadata", {{"labels", {{managed, value}}}}}}; };
  const std::string version = version_of(create("a"));
  create("b");
  patch(carry("x"), "a");
  patch(colour("red"), "a");
  patch(colour("red"), "b");
  patch(carry(nullptr), "a");
  patch(carry("x"), "a");
  remove("a");
  create("end");
  patch(carry("x"), "end");
  EXPECT_THAT(texts(watch("resourceVersion=" + version + "&labelSelector=" + managed, "end")),
              ElementsAre("ADDED a", "MODIFIED a", "DELETED a", "ADDED a", "DELETED a", "ADDED end"));
}

TEST_P(StoreContract, AForgottenVersionIsGone) {
  create("a");
  api_->forget_the_past();
  create("b");
  const auto events = watch("resourceVersion=1", "b");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "ERROR");
  EXPECT_EQ(events[0].object["code"], 410);
}

}  // namespace seraphim::contract
