#include "kubernetes/object_meta.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kubernetes/backoff.h"
#include "kubernetes/resource_type.h"

namespace seraphim::kubernetes::testing {

using nlohmann::json;
using namespace std::chrono_literals;

TEST(ObjectMeta, ReadsWhatControllersNeed) {
  const auto meta = decode_meta(json::parse(R"({"metadata":{
    "namespace":"d","name":"web","uid":"u1","resourceVersion":"12","generation":3,"managedFields":[{"manager":"x"}],
    "deletionTimestamp":"2026-01-01T00:00:00Z","labels":{"a":"b"},"annotations":{"c":"d"},
    "ownerReferences":[{"kind":"Other","uid":"o0"},
                       {"apiVersion":"v1","kind":"Owner","name":"o","uid":"o1","controller":true}]}})"));
  EXPECT_EQ(meta, (ObjectMeta{.key = {"d", "web"},
                              .uid = "u1",
                              .resource_version = "12",
                              .generation = 3,
                              .deleting = true,
                              .labels = {{"a", "b"}},
                              .annotations = {{"c", "d"}},
                              .controller = ControllerReference{"v1", "Owner", "o", "o1"}}));
}

TEST(ObjectMeta, IsTotal) {
  for (
      const char* text :
      {"null", "7", "[]", "{}", R"({"metadata":7})",
       R"({"metadata":{"name":7,"uid":{},"generation":"x","deletionTimestamp":null,"labels":[],"annotations":{"a":7},
            "ownerReferences":[7,{"controller":"true"},{"controller":false}]}})"}) {
    EXPECT_EQ(decode_meta(json::parse(text)), ObjectMeta{}) << text;
  }
}

TEST(ObjectMeta, KeysAsText) {
  EXPECT_EQ(to_string(ObjectKey{"d", "web"}), "d/web");
  EXPECT_EQ(to_string(ObjectKey{"", "node"}), "node");
}

TEST(ObjectMeta, VersionsAreOlderAsNumbersOfAnyLength) {
  EXPECT_TRUE(is_older("9", "10"));
  EXPECT_FALSE(is_older("10", "9"));
  EXPECT_FALSE(is_older("10", "10"));
  EXPECT_TRUE(is_older("0", "1"));
  EXPECT_TRUE(is_older("007", "8"));
  EXPECT_FALSE(is_older("007", "7"));
  EXPECT_TRUE(is_older("99999999999999999999998", "99999999999999999999999"));
  for (const char* text : {"", "x", "1x", "-1", " 1"}) {
    EXPECT_FALSE(is_older(text, "5")) << text;
    EXPECT_FALSE(is_older("5", text)) << text;
  }
}

TEST(ResourceType, Paths) {
  const ResourceType core{.version = "v1", .plural = "pods", .kind = "Pod"};
  const ResourceType nodes{.version = "v1", .plural = "nodes", .kind = "Node", .namespaced = false};
  const ResourceType custom{.group = "x.io", .version = "v1alpha1", .plural = "things", .kind = "Thing"};
  EXPECT_EQ(core.api_version(), "v1");
  EXPECT_EQ(custom.api_version(), "x.io/v1alpha1");
  EXPECT_EQ(collection_path(core, ""), "/api/v1/pods");
  EXPECT_EQ(collection_path(core, "d"), "/api/v1/namespaces/d/pods");
  EXPECT_EQ(collection_path(nodes, "d"), "/api/v1/nodes");
  EXPECT_EQ(object_path(custom, {"d", "a"}), "/apis/x.io/v1alpha1/namespaces/d/things/a");
  EXPECT_EQ(object_path(custom, {"d", "a"}, "status"), "/apis/x.io/v1alpha1/namespaces/d/things/a/status");
  EXPECT_EQ(object_path(custom, {"a/b", "c?d"}), "/apis/x.io/v1alpha1/namespaces/a%2Fb/things/c%3Fd");
}

TEST(ResourceType, PercentEncodingKeepsOnlyTheUnreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b&c=d,e!\xc3\xa4\n"), "a%20b%26c%3Dd%2Ce%21%C3%A4%0A");
}

TEST(Backoff, GrowsToItsLimitStretchedByChance) {
  Backoff backoff({});
  double chance = 0.0;
  const Random random = [&] { return chance; };
  SteadyTime now{1000s};
  for (const auto expected : {800ms, 1600ms, 3200ms, 6400ms, 12'800ms, 25'600ms, 30'000ms, 30'000ms}) {
    EXPECT_EQ(backoff.next(now, random), expected);
    now += expected;
  }
  chance = 0.5;
  EXPECT_EQ(backoff.next(now, random), 45'000ms);
}

TEST(Backoff, StartsAnewAfterAHealthyTimeOrAReset) {
  Backoff backoff({});
  const Random random = [] { return 0.0; };
  SteadyTime now{1000s};
  backoff.next(now, random);
  EXPECT_EQ(backoff.next(now, random), 1600ms);
  EXPECT_EQ(backoff.next(now + 1600ms + 119s, random), 3200ms) << "waiting is not being healthy";
  EXPECT_EQ(backoff.next(now + 1600ms + 119s + 3200ms + 120s, random), 800ms);
  backoff.next(now + 300s, random);
  backoff.reset();
  EXPECT_EQ(backoff.next(now + 300s, random), 800ms);
}

TEST(Backoff, NeverOverflows) {
  Backoff backoff(
      {.first = std::chrono::milliseconds(1), .longest = std::chrono::milliseconds(100), .factor = 10});
  for (int i = 0; i < 10'000; ++i) EXPECT_LE(backoff.next(SteadyTime{}, [] { return 0.999; }), 200ms);
}

TEST(SystemRandom, IsInItsRangeAndMoves) {
  const Random random = system_random();
  const double first = random();
  bool moved = false;
  for (int i = 0; i < 1000; ++i) {
    const double next = random();
    EXPECT_GE(next, 0.0);
    EXPECT_LT(next, 1.0);
    moved = moved || next != first;
  }
  EXPECT_TRUE(moved);
}

}  // namespace seraphim::kubernetes::testing
