// Writes: versions, generations, conflicts, the two halves of an object, apply, deletion.
#include <gmock/gmock.h>

#include "contract/store_contract.h"
#include "kubernetes/object_meta.h"

namespace seraphim::contract {
namespace {

using kubernetes::ApiError;
using nlohmann::json;

}  // namespace

TEST_P(StoreContract, ACreatedObjectHasAUidAVersionAndGenerationOne) {
  const json made = create();
  EXPECT_FALSE(made["metadata"]["uid"].get<std::string>().empty());
  EXPECT_FALSE(version_of(made).empty());
  EXPECT_EQ(generation_of(made), 1);
  EXPECT_EQ(read(), made);
}

TEST_P(StoreContract, CreatingTwiceIsAlreadyExists) {
  create();
  const auto again = client_->create(type(), api_->namespace_(), object());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ApiError::Kind::already_exists);
}

TEST_P(StoreContract, ANameUsedAgainHasAnotherUid) {
  const json first = create();
  remove();
  EXPECT_NE(create()["metadata"]["uid"], first["metadata"]["uid"]);
}

TEST_P(StoreContract, WhatIsNotThereIsNotFound) {
  const auto found = client_->get(type(), key());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ApiError::Kind::not_found);
  const auto patched = client_->merge_patch(type(), key(), colour("red"));
  ASSERT_FALSE(patched);
  EXPECT_EQ(patched.error().kind, ApiError::Kind::not_found);
}

TEST_P(StoreContract, TheGenerationGrowsWithTheSpecOnly) {
  create();
  EXPECT_EQ(generation_of(patch(colour("red"))), 1);
  EXPECT_EQ(generation_of(patch({{"status", {{"observedGeneration", 1}}}}, "web", "status")), 1);
  EXPECT_EQ(generation_of(patch({{"spec", {{"paused", false}}}})), 2);
}

TEST_P(StoreContract, EachWriteHasANewerVersion) {
  const auto number = [](const json& written) { return std::stoull(version_of(written)); };
  const auto made = number(create()), labelled = number(patch(colour("red")));
  EXPECT_LT(made, labelled);
  EXPECT_LT(labelled, number(patch({{"status", {{"observedGeneration", 1}}}}, "web", "status")));
}

TEST_P(StoreContract, AWriteThatChangesNothingIsNone) {
  create();
  const json before = patch(colour("red"));
  EXPECT_EQ(version_of(patch(colour("red"))), version_of(before));
  const json status = {{"status", {{"observedGeneration", 1}}}};
  EXPECT_EQ(version_of(patch(status, "web", "status")), version_of(patch(status, "web", "status")));
}

TEST_P(StoreContract, StatusIsWrittenByItsSubresourceOnly) {
  json made = object();
  made["status"] = {{"observedGeneration", 7}};
  EXPECT_FALSE(create_object(made).contains("status"));
  EXPECT_FALSE(patch({{"status", {{"observedGeneration", 7}}}}).contains("status"));
  EXPECT_EQ(patch({{"status", {{"observedGeneration", 7}}}}, "web", "status")["status"]["observedGeneration"],
            7);
  const json after =
      patch({{"spec", {{"paused", false}}}, {"status", {{"observedGeneration", 8}}}}, "web", "status");
  EXPECT_EQ(after["spec"]["paused"], true) << "the status subresource changes nothing else";
  EXPECT_EQ(after["status"]["observedGeneration"], 8);
  EXPECT_EQ(patch({{"spec", {{"paused", false}}}})["status"]["observedGeneration"], 8)
      << "kept by other writes";
}

TEST_P(StoreContract, AReplacementOfAnOldVersionIsAConflict) {
  json old = create();
  patch(colour("red"));
  old["spec"]["paused"] = false;
  const auto replaced = client_->replace(type(), key(), old);
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().kind, ApiError::Kind::conflict);
  old["metadata"]["resourceVersion"] = version_of(read());
  EXPECT_TRUE(client_->replace(type(), key(), old));
}

TEST_P(StoreContract, AMergePatchOfAnOldVersionIsAConflict) {
  const json old = create();
  patch(colour("red"));
  json changes = colour("blue");
  changes["metadata"]["resourceVersion"] = version_of(old);
  const auto patched = client_->merge_patch(type(), key(), changes);
  ASSERT_FALSE(patched);
  EXPECT_EQ(patched.error().kind, ApiError::Kind::conflict);
}

TEST_P(StoreContract, AMergePatchWithNullTakesAway) {
  create();
  patch(colour("red"));
  const json after = patch({{"metadata", {{"labels", {{"colour", nullptr}}}}}});
  EXPECT_FALSE(after["metadata"].value("labels", json::object()).contains("colour"));
}

TEST_P(StoreContract, AJsonPatchHappensWholeOrNotAtAll) {
  const json made = create();
  const json set = {{"op", "replace"}, {"path", "/spec/paused"}, {"value", false}};
  const auto guarded = [&](const std::string& version) {
    return json::array({{{"op", "test"}, {"path", "/metadata/resourceVersion"}, {"value", version}}, set});
  };
  patch(colour("red"));
  const auto stale = client_->json_patch(type(), key(), guarded(version_of(made)));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().kind, ApiError::Kind::conflict);
  const json nowhere = {{"op", "replace"}, {"path", "/spec/nothing/here"}, {"value", 1}};
  const auto unfit = client_->json_patch(type(), key(), json::array({set, nowhere}));
  ASSERT_FALSE(unfit);
  EXPECT_EQ(unfit.error().kind, ApiError::Kind::conflict);
  EXPECT_EQ(read()["spec"]["paused"], true);
  EXPECT_TRUE(client_->json_patch(type(), key(), guarded(version_of(read()))));
  EXPECT_EQ(read()["spec"]["paused"], false);
}

TEST_P(StoreContract, ApplyCreatesAndThenChanges) {
  json intent = object();
  const auto made = client_->apply(type(), key(), intent, true);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(generation_of(*made), 1);
  const auto again = client_->apply(type(), key(), intent, true);
  ASSERT_TRUE(again);
  EXPECT_EQ(version_of(*again), version_of(*made)) << "the same intent is no write";
  intent["spec"]["paused"] = false;
  const auto changed = client_->apply(type(), key(), intent, true);
  ASSERT_TRUE(changed);
  EXPECT_EQ((*changed)["spec"]["paused"], false);
  EXPECT_EQ(generation_of(*changed), 2);
}

TEST_P(StoreContract, ApplyWithAUidCreatesNothing) {
  json intent = create();
  remove();
  json meta = {{"name", "web"}, {"namespace", api_->namespace_()}, {"uid", intent["metadata"]["uid"]}};
  intent = object();
  intent["metadata"] = meta;
  const auto applied = client_->apply(type(), key(), intent, true);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().kind, ApiError::Kind::conflict);
  EXPECT_FALSE(exists());
  create();
  const auto other = client_->apply(type(), key(), intent, true);
  ASSERT_FALSE(other);
  // A kind of a CRD calls it invalid, a built-in one a conflict.
  EXPECT_THAT(other.error().kind, ::testing::AnyOf(ApiError::Kind::conflict, ApiError::Kind::invalid))
      << "somebody else has the name now: " << other.error().message;
}

TEST_P(StoreContract, DeletionIsOfOneUid) {
  const json first = create();
  remove();
  const json second = create();
  EXPECT_TRUE(client_->remove(type(), key(), first["metadata"]["uid"])) << "it is gone, as was wanted";
  EXPECT_EQ(read()["metadata"]["uid"], second["metadata"]["uid"]);
  remove();
  EXPECT_FALSE(exists());
  EXPECT_TRUE(client_->remove(type(), key(), second["metadata"]["uid"])) << "again";
}

TEST_P(StoreContract, AFinalizerHoldsADeletionUp) {
  json made = object();
  made["metadata"]["finalizers"] = json::array({"serving.seraphim.io/contract"});
  create_object(made);
  remove();
  const json deleted = read();
  ASSERT_TRUE(deleted["metadata"].contains("deletionTimestamp"));
  remove();
  EXPECT_EQ(read()["metadata"]["deletionTimestamp"], deleted["metadata"]["deletionTimestamp"]);
  EXPECT_EQ(patch(colour("red"))["metadata"]["labels"]["colour"], "red") << "it can still be written to";
  patch({{"metadata", {{"finalizers", nullptr}}}});
  EXPECT_FALSE(exists());
}

}  // namespace seraphim::contract
