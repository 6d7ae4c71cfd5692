// Many readers, a reflector and own writes at once; meant for the thread sanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "kubernetes/note.h"
#include "kubernetes/store.h"

namespace seraphim::kubernetes::testing {
namespace {

constexpr int kKeys = 8, kRounds = 1000, kReads = 500;

Note numbered(int key, int version) {
  Note result = note("n" + std::to_string(key), "u", version, std::to_string(version));
  result.meta.controller = ControllerReference{"v1", "Owner", "o", "owner" + std::to_string(version % 3)};
  return result;
}

}  // namespace

TEST(StoreStress, ReadersNeverSeeAVersionGoBackNorATornObject) {
  Store<Note> store;
  std::atomic<int> told = 0, torn = 0, backwards = 0;
  store.on_change([&](const auto&, const auto&) { ++told; });
  std::latch ready(5);
  const auto read = [&] {
    std::vector<int> newest(kKeys, 0);
    ready.arrive_and_wait();
    for (int pass = 0; pass < kReads; ++pass) {
      for (int key = 0; key < kKeys; ++key) {
        const auto object = store.get({"default", "n" + std::to_string(key)});
        if (!object) continue;
        if (object->value != object->meta.resource_version) ++torn;
        const int version = std::stoi(object->value);
        if (version < newest[static_cast<std::size_t>(key)]) ++backwards;
        newest[static_cast<std::size_t>(key)] = version;
      }
      for (const auto& object : store.owned_by("owner1")) {
        if (object->meta.controller->uid != "owner1") ++torn;
      }
    }
  };
  const auto write = [&](int offset) {
    ready.arrive_and_wait();
    for (int round = 1; round <= kRounds; ++round) {
      if (round % 100 == 0) {
        store.replace({numbered(0, round * 2 + offset)}, "1");
      } else {
        store.upsert(numbered(round % kKeys, round * 2 + offset));
      }
      store.note_sign_of_life(SteadyTime{std::chrono::seconds(round)});
    }
  };
  {
    // Readers end by themselves: a lock that prefers them could keep the writers waiting for as long as they
    // spin.
    std::jthread first_reader(read), second_reader(read), third_reader(read);
    std::jthread reflector(write, 0), worker(write, 1);
  }
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(backwards, 0);
  EXPECT_GT(told, kKeys);
  ASSERT_EQ(store.size(), static_cast<std::size_t>(kKeys));
  for (int key = 0; key < kKeys; ++key) {
    int last = kRounds;  // the last round that wrote this key; every hundredth wrote the first one
    while ((last % 100 == 0 ? 0 : last % kKeys) != key) --last;
    EXPECT_EQ(store.get({"default", "n" + std::to_string(key)})->value, std::to_string(last * 2 + 1));
  }
}

}  // namespace seraphim::kubernetes::testing
