#include "kubernetes/store.h"

#include <gmock/gmock.h>

#include <utility>

#include "kubernetes/note.h"

namespace seraphim::kubernetes::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

const ObjectKey kA{"default", "a"};
const ObjectKey kB{"default", "b"};

Note child(const std::string& name, const std::string& uid, int version, const std::string& owner) {
  Note result = note(name, uid, version);
  result.meta.controller = ControllerReference{"v1", "Owner", "o", owner};
  return result;
}

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    store_.on_change([this](const Store<Note>::Pointer& before, const Store<Note>::Pointer& after) {
      const auto text = [](const auto& object) {
        return object ? object->meta.uid + "@" + object->meta.resource_version : std::string("-");
      };
      changes_.push_back(text(before) + " " + text(after));
    });
  }
  /// What the handlers were told since the last call.
  std::vector<std::string> changes() { return std::exchange(changes_, {}); }
  std::string version(const ObjectKey& key) const {
    const auto object = store_.get(key);
    return object ? object->meta.resource_version : "none";
  }

  Store<Note> store_;
  std::vector<std::string> changes_;
};

TEST_F(StoreTest, TellsOfWhatCameChangedAndWent) {
  store_.upsert(note("a", "u1", 5));
  store_.upsert(note("a", "u1", 6));
  store_.remove(kA, "7");
  EXPECT_THAT(changes(), ElementsAre("- u1@5", "u1@5 u1@6", "u1@6 -"));
  EXPECT_EQ(store_.get(kA), nullptr);
  EXPECT_EQ(store_.size(), 0u);
}

TEST_F(StoreTest, OlderAndEqualVersionsAreNoNews) {
  store_.upsert(note("a", "u1", 10, "new"));
  changes();
  store_.upsert(note("a", "u1", 9, "old"));
  store_.upsert(note("a", "u1", 10, "other"));
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_EQ(store_.get(kA)->value, "new");
}

TEST_F(StoreTest, VersionsAreComparedAsNumbers) {
  store_.upsert(note("a", "u1", 10));
  store_.upsert(note("a", "u1", 9));
  EXPECT_EQ(version(kA), "10");
}

TEST_F(StoreTest, AnOlderDeleteIsAboutAnEarlierNamesake) {
  store_.upsert(note("a", "u2", 20));
  store_.remove(kA, "15");
  EXPECT_EQ(version(kA), "20");
}

TEST_F(StoreTest, ARecreatedNamesakeGoesAndComes) {
  store_.upsert(child("a", "u1", 5, "owner1"));
  changes();
  store_.upsert(child("a", "u2", 8, "owner2"));
  EXPECT_THAT(changes(), ElementsAre("u1@5 -", "- u2@8"));
  EXPECT_THAT(store_.owned_by("owner1"), IsEmpty());
  EXPECT_EQ(store_.owned_by("owner2").size(), 1u);
}

TEST_F(StoreTest, ObjectsStayAsTheyWereForWhoeverHoldsThem) {
  store_.upsert(note("a", "u1", 5, "before"));
  const auto held = store_.get(kA);
  store_.upsert(note("a", "u1", 6, "after"));
  EXPECT_EQ(held->value, "before");
}

TEST_F(StoreTest, HandlersMayAskTheStore) {  // they are called outside of the lock
  std::size_t seen = 0;
  store_.on_change([&](const auto&, const auto&) { seen = store_.list().size(); });
  store_.upsert(note("a", "u1", 5));
  EXPECT_EQ(seen, 1u);
}

// Runtime rule 1.
TEST_F(StoreTest, ReplaceDeletesWhatIsMissing) {
  EXPECT_FALSE(store_.synced());
  store_.replace({note("a", "u1", 5), note("b", "u2", 6)}, "7");
  EXPECT_TRUE(store_.synced());
  changes();
  store_.replace({note("b", "u2", 9)}, "10");
  EXPECT_THAT(changes(), ElementsAre("u2@6 u2@9", "u1@5 -"));
  EXPECT_EQ(store_.list().size(), 1u);
}

TEST_F(StoreTest, ReplaceKeepsWhatIsNewerThanTheList) {
  store_.note_written(note("a", "u1", 12));
  store_.note_written(note("b", "u2", 12, "mine"));
  store_.replace({note("b", "u2", 8, "listed")}, "10");
  EXPECT_EQ(version(kA), "12");
  EXPECT_EQ(store_.get(kB)->value, "mine");
}

TEST_F(StoreTest, ReplaceDeletesWhatIsAsOldAsTheList) {
  store_.upsert(note("a", "u1", 10));
  store_.replace({}, "10");
  EXPECT_EQ(version(kA), "none");
}

// Runtime rule 15.
TEST_F(StoreTest, AnOwnWriteIsNotUndoneByOlderEvents) {
  store_.upsert(note("a", "u1", 5));
  store_.note_written(note("a", "u1", 9));
  store_.upsert(note("a", "u1", 7));
  EXPECT_EQ(version(kA), "9");
  store_.upsert(note("a", "u1", 9));
  store_.upsert(note("a", "u1", 11));
  EXPECT_EQ(version(kA), "11");
}

TEST_F(StoreTest, AnOwnDeleteIsNotUndoneByOlderEventsNorByAnOlderList) {
  store_.upsert(note("a", "u1", 5));
  store_.note_deleted(kA, "u1");
  EXPECT_THAT(changes(), ElementsAre("- u1@5", "u1@5 -"));
  store_.upsert(note("a", "u1", 6));
  store_.replace({note("a", "u1", 6)}, "6");
  EXPECT_EQ(version(kA), "none");
  store_.upsert(note("a", "u1", 7));
  EXPECT_EQ(version(kA), "none") << "an older list must not end the memory of the delete";
}

TEST_F(StoreTest, AListOlderThanTheObjectDoesNotEndTheMemoryOfItsDelete) {
  store_.note_written(note("a", "u1", 9));
  store_.note_deleted(kA, "u1");
  store_.replace({}, "5");
  store_.upsert(note("a", "u1", 9));
  EXPECT_EQ(version(kA), "none");
}

TEST_F(StoreTest, ANamesakeRecreatedAfterAnOwnDeleteIsSeen) {
  store_.upsert(note("a", "u1", 5));
  store_.note_deleted(kA, "u1");
  store_.upsert(note("a", "u2", 8));
  EXPECT_EQ(version(kA), "8");
  store_.remove(kA, "7");  // the late event of the own delete
  EXPECT_EQ(version(kA), "8");
}

TEST_F(StoreTest, AnEarlierNamesakeDoesNotComeBackAfterAnOwnDelete) {
  store_.note_written(note("a", "u2", 9));
  store_.note_deleted(kA, "u2");
  store_.upsert(note("a", "u1", 4));  // the watch lags behind
  EXPECT_EQ(version(kA), "none");
  store_.remove(kA, "6");             // still the earlier one
  store_.upsert(note("a", "u2", 9));  // the echo of the own create
  EXPECT_EQ(version(kA), "none");
}

TEST_F(StoreTest, AnOwnDeleteThatAFinalizerHoldsIsSeenAsDeleting) {
  store_.upsert(note("a", "u1", 5));
  store_.note_deleted(kA, "u1");
  Note deleting = note("a", "u1", 6);
  deleting.meta.deleting = true;
  store_.upsert(deleting);
  ASSERT_NE(store_.get(kA), nullptr);
  EXPECT_TRUE(store_.get(kA)->meta.deleting);
}

TEST_F(StoreTest, AnOwnDeleteOfAnotherUidChangesNothing) {
  store_.upsert(note("a", "u2", 8));
  store_.note_deleted(kA, "u1");
  EXPECT_EQ(version(kA), "8");
}

TEST_F(StoreTest, AnOwnDeleteThatTheWatchKnewFirstLeavesNoTrace) {
  store_.upsert(note("a", "u1", 5));
  store_.remove(kA, "6");
  store_.note_deleted(kA, "u1");
  store_.upsert(note("a", "u1", 7));  // cannot happen; shows that nothing is remembered
  EXPECT_EQ(version(kA), "7");
}

TEST_F(StoreTest, FindsChildrenByTheUidOfTheirOwner) {
  store_.upsert(child("b", "u2", 5, "owner"));
  store_.upsert(child("a", "u1", 6, "owner"));
  store_.upsert(note("c", "u3", 7));
  const auto children = store_.owned_by("owner");
  ASSERT_EQ(children.size(), 2u);
  EXPECT_EQ(children[0]->meta.key, kA);
  store_.upsert(note("a", "u1", 8));  // released by its owner
  store_.remove(kB, "9");
  EXPECT_THAT(store_.owned_by("owner"), IsEmpty());
}

TEST_F(StoreTest, TheLastSignOfLifeNeverGoesBack) {
  EXPECT_FALSE(store_.last_sign_of_life().has_value());
  store_.note_sign_of_life(SteadyTime{10s});
  store_.note_sign_of_life(SteadyTime{5s});
  EXPECT_EQ(store_.last_sign_of_life(), SteadyTime{10s});
}

}  // namespace
}  // namespace seraphim::kubernetes::testing
