#include "kubernetes/store_sink.h"

#include <gtest/gtest.h>

#include "kubernetes/note.h"

namespace seraphim::kubernetes::testing {
namespace {

class StoreSinkTest : public ::testing::Test {
 protected:
  static nlohmann::json broken(const std::string& name, int version, const std::string& uid = {}) {
    auto object = note_json(name, version, {}, uid);
    object["broken"] = true;
    return object;
  }

  Store<Note> store_;
  std::vector<std::string> reports_;
  StoreSink<Note> sink_{store_, [this](const std::string& text) { reports_.push_back(text); }};
};

TEST_F(StoreSinkTest, NothingIsVisibleBeforeTheCommit) {
  sink_.stage(note_json("a", 1));
  EXPECT_EQ(store_.size(), 0u);
  sink_.commit("5");
  EXPECT_EQ(store_.size(), 1u);
  EXPECT_TRUE(store_.synced());
}

TEST_F(StoreSinkTest, AnAbandonedListLeavesNothing) {
  sink_.upsert(note_json("a", 1));
  sink_.stage(note_json("b", 2));
  sink_.abandon();
  EXPECT_NE(store_.get({"default", "a"}), nullptr);
  sink_.stage(note_json("a", 1));
  sink_.commit("5");
  EXPECT_EQ(store_.size(), 1u);
}

TEST_F(StoreSinkTest, WhatWasDeletedDuringTheListIsNotInIt) {
  sink_.stage(note_json("a", 1));
  sink_.stage(note_json("b", 2));
  sink_.unstage(note_json("a", 3));
  sink_.commit("5");
  EXPECT_EQ(store_.get({"default", "a"}), nullptr);
  EXPECT_NE(store_.get({"default", "b"}), nullptr);
}

TEST_F(StoreSinkTest, WhatCannotBeReadIsReportedAndKeepsItsLastGoodVersion) {
  sink_.upsert(note_json("a", 1, "good"));
  sink_.upsert(broken("a", 2));
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_EQ(reports_.front(), "ConfigMap default/a: it is broken");
  sink_.stage(broken("a", 2));
  sink_.commit("5");
  ASSERT_NE(store_.get({"default", "a"}), nullptr);
  EXPECT_EQ(store_.get({"default", "a"})->value, "good");
}

TEST_F(StoreSinkTest, AnUnreadableNamesakeDoesNotKeepTheOldObject) {
  sink_.upsert(note_json("a", 1, "good", "u1"));
  sink_.stage(broken("a", 4, "u2"));
  sink_.commit("5");
  EXPECT_EQ(store_.get({"default", "a"}), nullptr);
}

TEST_F(StoreSinkTest, ADeleteNeedsNoReadableObject) {
  sink_.upsert(note_json("a", 1));
  sink_.remove(broken("a", 2));
  EXPECT_EQ(store_.size(), 0u);
}

}  // namespace
}  // namespace seraphim::kubernetes::testing
