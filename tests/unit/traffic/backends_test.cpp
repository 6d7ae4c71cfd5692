// The two Services of a router.
#include "traffic/backends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traffic/scene.h"

namespace seraphim::traffic::testing {

using kubernetes::testing::refuse;
using rollout::PointBackend;
using rollout::Slot;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kCollection = "/api/v1/namespaces/shop/services";

class BackendsTest : public ::testing::Test {
 protected:
  void endpoints(const std::string& slice, const std::string& service_uid,
                 const std::vector<std::string>& pods) {
    json all = json::array();
    for (const auto& pod : pods) all.push_back({{"targetRef", {{"kind", "Pod"}, {"name", pod}}}});
    know(slices_, json{{"metadata", metadata(slice, service_uid)}, {"endpoints", all}});
  }
  kubernetes::Result<void> point(const std::string& revision, Slot slot = Slot::candidate) {
    return backends_.point(object_, PointBackend{slot, revision}, {});
  }

  api::SeraphimDeployment object_ = deployment(api::GatewayApiTraffic{});
  kubernetes::testing::FakeTransport transport_;
  kubernetes::ApiClient client_{transport_};
  kubernetes::Store<Service> services_;
  kubernetes::Store<EndpointSlice> slices_;
  Backends backends_{services_, slices_, client_};
};

TEST_F(BackendsTest, Names) {
  EXPECT_EQ(stable_service(object_), "web-stable");
  EXPECT_EQ(candidate_service(object_), "web-candidate");
}

TEST_F(BackendsTest, CountsEndpointsByRevision) {
  know(services_, service("web-stable", "web-1"));
  know(services_, service("web-candidate", "web-2"));
  endpoints("a", "web-candidate-uid", {"web-2-abcde", "web-2-fghij"});
  endpoints("b", "web-candidate-uid", {"web-2-klmno", "web-1-abcde"});
  endpoints("c", "web-stable-uid", {"web-1-pqrst"});
  EXPECT_EQ(backends_.observe(object_, Slot::candidate),
            (rollout::Backend{.revision = "web-2", .ready = 3, .foreign_ready = 1}));
  EXPECT_EQ(backends_.observe(object_, Slot::stable),
            (rollout::Backend{.revision = "web-1", .ready = 1, .foreign_ready = 0}));
}

TEST_F(BackendsTest, APodIsNamedLikeItsRevisionAndFiveCharacters) {
  know(services_, service("web-stable", "web-1"));
  for (const char* pod :
       {"web-1-abcd", "web-1-abcdef", "web-1xabcde", "web-10-abcde", "xeb-1-abcde", "web-1", ""}) {
    SCOPED_TRACE(pod);
    kubernetes::Store<EndpointSlice> slices;
    know(slices, json{{"metadata", metadata("a", "web-stable-uid")},
                      {"endpoints", {{{"targetRef", {{"kind", "Pod"}, {"name", pod}}}}}}});
    const Backends backends(services_, slices, client_);
    EXPECT_EQ(backends.observe(object_, Slot::stable),
              (rollout::Backend{.revision = "web-1", .ready = 0, .foreign_ready = 1}));
  }
}

TEST_F(BackendsTest, AServiceThatSelectsNoRevisionHasForeignPodsOnly) {
  know(services_, service("web-stable", ""));
  endpoints("a", "web-stable-uid", {"web-1-abcde"});
  EXPECT_EQ(backends_.observe(object_, Slot::stable),
            (rollout::Backend{.revision = "", .ready = 0, .foreign_ready = 1}));
}

TEST_F(BackendsTest, NoServiceOrSomebodyElsesOrOneThatGoesIsNone) {
  EXPECT_EQ(backends_.observe(object_, Slot::stable), std::nullopt);
  know(services_, service("web-stable", "web-1", "somebody"));
  EXPECT_EQ(backends_.observe(object_, Slot::stable), std::nullopt);
  json going = service("web-candidate", "web-1");
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  know(services_, going);
  EXPECT_EQ(backends_.observe(object_, Slot::candidate), std::nullopt);
}

TEST_F(BackendsTest, PointCreatesTheService) {
  transport_.answer(201, service("web-candidate", "web-2").dump());
  ASSERT_TRUE(point("web-2").has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("POST ") + kCollection));
  EXPECT_EQ(body(transport_, 0), json::parse(R"({
      "apiVersion":"v1","kind":"Service",
      "metadata":{"name":"web-candidate","namespace":"shop","labels":{"serving.seraphim.io/name":"web"},
        "ownerReferences":[{"apiVersion":"serving.seraphim.io/v1alpha1","kind":"SeraphimDeployment","name":"web",
          "uid":"owner","controller":true,"blockOwnerDeletion":true}]},
      "spec":{"selector":{"serving.seraphim.io/name":"web","serving.seraphim.io/revision":"web-2"},
        "ports":[{"name":"http","protocol":"TCP","port":8080,"targetPort":8080}]}})"));
  EXPECT_EQ(backends_.observe(object_, Slot::candidate)->revision, "web-2");
}

TEST_F(BackendsTest, PointAppliesWhatIsThere) {
  know(services_, service("web-candidate", "web-1"));
  transport_.answer(200, service("web-candidate", "web-2", "owner", 11).dump());
  ASSERT_TRUE(point("web-2").has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("PATCH ") + kCollection + "/web-candidate"));
  EXPECT_EQ(transport_.requests()[0].content_type, "application/apply-patch+yaml");
  EXPECT_EQ(body(transport_, 0)["spec"]["selector"]["serving.seraphim.io/revision"], "web-2");
  EXPECT_EQ(backends_.observe(object_, Slot::candidate)->revision, "web-2");
}

TEST_F(BackendsTest, PointAppliesWhenOneIsThereAlreadyAndSelectsAnother) {
  transport_.answer(refuse(409, "AlreadyExists"))
      .answer(200, service("web-stable", "web-1").dump())
      .answer(200, service("web-stable", "web-2", "owner", 11).dump());
  ASSERT_TRUE(point("web-2", Slot::stable).has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(StartsWith("POST"), StartsWith("GET"), StartsWith("PATCH")));
  EXPECT_EQ(backends_.observe(object_, Slot::stable)->revision, "web-2");
}

TEST_F(BackendsTest, SomebodyElsesServiceIsRefused) {
  know(services_, service("web-candidate", "x", "somebody"));
  const auto known = point("web-2");
  ASSERT_FALSE(known.has_value());
  EXPECT_THAT(known.error().message,
              StartsWith("Service shop/web-candidate exists and is not controlled by"));
  EXPECT_THAT(calls(transport_), IsEmpty());

  transport_.answer(refuse(409, "AlreadyExists")).answer(200, service("web-stable", "x", "").dump());
  const auto met = point("web-2", Slot::stable);
  ASSERT_FALSE(met.has_value());
  EXPECT_EQ(met.error().reason, "NotOurs");
  EXPECT_THAT(calls(transport_), SizeIs(2)) << "it must not be applied over";
}

TEST_F(BackendsTest, AFailureIsHandedOn) {
  know(services_, service("web-candidate", "web-1"));
  transport_.answer(refuse(503, "ServiceUnavailable"));
  const auto failed = point("web-2");
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind, kubernetes::ApiError::Kind::unavailable);
  EXPECT_EQ(backends_.observe(object_, Slot::candidate)->revision, "web-1");
}

}  // namespace seraphim::traffic::testing
