#include "kubernetes/event_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "kubernetes/event_cache.h"
#include "kubernetes/micro_time.h"

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

EventNote a_note() {
  return {.type = EventNote::Type::warning,
          .regarding = {.api_version = "serving.seraphim.io/v1alpha1",
                        .kind = "SeraphimDeployment",
                        .uid = "1234",
                        .resource_version = "77",
                        .key = {"shop", "sentiment"}},
          .reason = "RolledBack",
          .action = "RollBack",
          .note = "12 % of 400 requests failed",
          .discriminator = "rev-3"};
}

TEST(MicroTime, HasSixDigitsInUtc) {
  EXPECT_EQ(micro_time(WallTime(1'795'537'053'000ms)), "2026-11-24T16:17:33.000000Z");
  EXPECT_EQ(micro_time(WallTime(1'795'537'053'042ms)), "2026-11-24T16:17:33.042000Z");
  EXPECT_EQ(micro_time(WallTime(951'782'399'999ms)), "2000-02-28T23:59:59.999000Z");
  EXPECT_EQ(micro_time(WallTime(951'782'400'000ms)), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(micro_time(WallTime(-1ms)), "1969-12-31T23:59:59.999000Z");
}

TEST(EventCodec, SaysEverythingTheServerAsksFor) {
  const json event = encode_event(a_note(), event_key(a_note()), "2026-11-24T16:17:33.000000Z", {},
                                  {"seraphim.io/operator", "pod-1"});
  EXPECT_EQ(event, (json{{"apiVersion", "events.k8s.io/v1"},
                         {"kind", "Event"},
                         {"metadata", {{"name", event_key(a_note()).name}, {"namespace", "shop"}}},
                         {"eventTime", "2026-11-24T16:17:33.000000Z"},
                         {"reportingController", "seraphim.io/operator"},
                         {"reportingInstance", "pod-1"},
                         {"action", "RollBack"},
                         {"reason", "RolledBack"},
                         {"type", "Warning"},
                         {"note", "12 % of 400 requests failed"},
                         {"regarding",
                          {{"apiVersion", "serving.seraphim.io/v1alpha1"},
                           {"kind", "SeraphimDeployment"},
                           {"name", "sentiment"},
                           {"namespace", "shop"},
                           {"uid", "1234"},
                           {"resourceVersion", "77"}}}}));
  auto normal = a_note();
  normal.type = EventNote::Type::normal;
  EXPECT_EQ(encode_event(normal, event_key(normal), "", {}, {})["type"], "Normal");
}

TEST(EventCodec, TheNameFollowsFromWhatIsSaidAndWhere) {
  const auto key = event_key(a_note());
  EXPECT_EQ(key.namespace_, "shop");
  EXPECT_EQ(key.name, "sentiment.43011b1301a6e7bd")
      << "must not change between versions: it is how a repeat is found";
  EXPECT_EQ(event_key(a_note()), key);

  std::set<std::string> names{key.name};
  const auto differs = [&](auto change) {
    EventNote other = a_note();
    change(other);
    EXPECT_TRUE(names.insert(event_key(other).name).second);
  };
  differs([](EventNote& n) { n.regarding.uid = "1235"; });
  differs([](EventNote& n) { n.reason = "Promoted"; });
  differs([](EventNote& n) { n.action = "Promote"; });
  differs([](EventNote& n) { n.discriminator = "rev-4"; });
  differs([](EventNote& n) { n.discriminator = ""; });
  differs([](EventNote& n) { n.reason = "RolledBackRoll", n.action = "Back"; });

  EventNote same = a_note();
  same.note = "other numbers";
  same.type = EventNote::Type::normal;
  same.regarding.resource_version = "78";
  EXPECT_EQ(event_key(same), key);
}

TEST(EventCodec, NamesAreDnsSubdomainsOfAtMost253) {
  EventNote longest = a_note();
  longest.regarding.key.name = std::string(235, 'a') + "." + std::string(17, 'b');
  ASSERT_EQ(longest.regarding.key.name.size(), 253u);
  EXPECT_EQ(event_key(longest).name.substr(0, 236), std::string(235, 'a') + ".")
      << "no second dot at the cut";
  EXPECT_NE(event_key(longest).name[236], '.');
  longest.regarding.key.name = std::string(253, 'a');
  EXPECT_EQ(event_key(longest).name.size(), 253u);
}

TEST(EventCodec, ObjectsWithoutNamespaceHaveTheirEventsInDefault) {
  EventNote node = a_note();
  node.regarding.key = {"", "node-1"};
  EXPECT_EQ(event_key(node).namespace_, "default");
  EXPECT_FALSE(encode_event(node, event_key(node), "", {}, {})["regarding"].contains("namespace"));
}

TEST(EventCodec, SeriesBeginAtTwo) {
  const EventSeries twice{.count = 2, .last = "2026-11-24T16:17:34.000000Z"};
  const json event =
      encode_event(a_note(), event_key(a_note()), "2026-11-24T16:17:33.000000Z", twice, {"c", "i"});
  EXPECT_EQ(event["series"], (json{{"count", 2}, {"lastObservedTime", twice.last}}));
  EXPECT_EQ(decode_series(event), twice);
  EXPECT_EQ(series_patch(twice, "99"),
            (json{{"metadata", {{"resourceVersion", "99"}}}, {"series", event["series"]}}));
  EXPECT_EQ(decode_series({{"eventTime", "t"}}), (EventSeries{.count = 1, .last = "t"}));
  EXPECT_EQ(decode_series({{"series", {{"count", -7}}}}).count, 1u);
  EXPECT_EQ(series_patch({.count = 1ull << 40, .last = "t"}, "1")["series"]["count"], 2147483647)
      << "an int32";
}

TEST(EventCodec, CutsAtACodePoint) {
  EXPECT_EQ(clean_utf8("abc", 3), "abc");
  EXPECT_EQ(clean_utf8("abcd", 3), "abc");
  EXPECT_EQ(clean_utf8("a\u00e9", 2), "a");
  EXPECT_EQ(clean_utf8("a\u00e9", 3), "a\u00e9");
  EXPECT_EQ(clean_utf8("\u20ac\u20ac", 5), "\u20ac");
  EXPECT_EQ(clean_utf8("\U0001F600", 3), "");
  EXPECT_EQ(clean_utf8("\U0001F600", 4), "\U0001F600");
}

TEST(EventCodec, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(clean_utf8("a\xff"
                       "b",
                       9),
            "a?b");
  EXPECT_EQ(clean_utf8("\xc3", 9), "?") << "cut off";
  EXPECT_EQ(clean_utf8("\xc3(", 9), "?(");
  EXPECT_EQ(clean_utf8("\xc0\xaf", 9), "??") << "overlong";
  EXPECT_EQ(clean_utf8("\xe0\x80\xaf", 9), "???");
  EXPECT_EQ(clean_utf8("\xed\xa0\x80", 9), "???") << "a surrogate";
  EXPECT_EQ(clean_utf8("\xf0\x80\x80\xaf", 9), "????");
  EXPECT_EQ(clean_utf8("\xf4\x90\x80\x80", 9), "????") << "above U+10FFFF";
  EXPECT_EQ(clean_utf8("\xf5\x80\x80\x80", 9), "????");
  EXPECT_EQ(clean_utf8("\x80", 9), "?");
}

TEST(EventCodec, AnyBytesBecomeTextTheServerTakes) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (auto size = random() % 4096; size > 0; --size) {
      const char* pieces[] = {"a", "\u00e9", "\u20ac", "\U0001F600", "\xff", "\xe2\x82"};
      text += pieces[random() % 6];
    }
    const auto clean = clean_utf8(text, 1024);
    EXPECT_LE(clean.size(), 1024u);
    EXPECT_NO_THROW((void)json(clean).dump()) << "nlohmann throws at what is no UTF-8";
    EXPECT_EQ(clean_utf8(clean, 1024), clean);
    EXPECT_GE(clean.size(), std::min<std::size_t>(text.size() / 3, 1021)) << "no more is cut than must be";
  }
}

TEST(EventCodec, MakesNotesAndReportersAcceptable) {
  EventNote odd = a_note();
  odd.reason = std::string(200, 'R');
  odd.action = "";
  odd.note = std::string(1025, 'n');
  odd = acceptable(odd);
  EXPECT_EQ(odd.reason, std::string(128, 'R'));
  EXPECT_EQ(odd.action, odd.reason);
  EXPECT_EQ(odd.note.size(), 1024u);
  EXPECT_EQ(acceptable(EventReporter{"c", ""}).instance, "c");
  EXPECT_EQ(acceptable(EventReporter{"c", std::string(200, 'i')}).instance.size(), 128u);
}

TEST(EventCache, KeepsTheNewest) {
  EventCache cache(2);
  const ObjectKey a{"ns", "a"}, b{"ns", "b"}, c{"ns", "c"};
  cache.put(a, {.count = 1});
  cache.put(b, {.count = 2});
  cache.put(a, {.count = 3});
  cache.put(c, {.count = 4});
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.find(b), nullptr);
  ASSERT_NE(cache.find(a), nullptr);
  EXPECT_EQ(cache.find(a)->count, 3u);
  cache.erase(a);
  cache.erase(a);
  EXPECT_EQ(cache.find(a), nullptr);
  EXPECT_EQ(cache.size(), 1u);
}

}  // namespace
}  // namespace seraphim::kubernetes
