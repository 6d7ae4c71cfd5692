// What is asked of a cluster before the start, and what is said when it is not fit.
#include "operator/cluster_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kubernetes/fake_transport.h"
#include "operator/exit_code.h"

namespace seraphim::op {
namespace {

using kubernetes::TransportError;
using kubernetes::testing::FakeTransport;
using ::testing::HasSubstr;

const char* const kOwn =
    R"({"resources":[{"name":"seraphimdeployments/status"},{"name":"seraphimdeployments"}]})";
const char* const kRoutes = R"({"resources":[{"name":"httproutes"}]})";

TEST(ClusterFacts, AFitCluster) {
  FakeTransport transport;
  transport.answer(200, kOwn).answer(200, kRoutes);
  const auto facts = look_at_cluster(transport);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_TRUE(facts->gateway_api);
  EXPECT_EQ(transport.requests()[0].target, "/apis/serving.seraphim.io/v1alpha1");
  EXPECT_EQ(transport.requests()[1].target, "/apis/gateway.networking.k8s.io/v1");
}

TEST(ClusterFacts, NoGatewayApiIsNoFailure) {
  FakeTransport transport;
  transport.answer(200, kOwn).answer(404);
  EXPECT_FALSE(look_at_cluster(transport)->gateway_api);
  transport.answer(200, kOwn).answer(200, R"({"resources":[{"name":"gateways"}]})");
  EXPECT_FALSE(look_at_cluster(transport)->gateway_api);
}

TEST(ClusterFacts, AnOlderInstallationHasNoFreezesAndThatIsNoFailure) {
  FakeTransport transport;
  transport.answer(200, kOwn).answer(404);
  EXPECT_FALSE(look_at_cluster(transport)->freezes);
  transport.answer(200, R"({"resources":[{"name":"seraphimdeployments"},{"name":"seraphimfreezes"}]})")
      .answer(404);
  EXPECT_TRUE(look_at_cluster(transport)->freezes);
}

TEST(ClusterFacts, WithoutTheKindItSaysHowToInstallIt) {
  for (const auto& answer :
       {kubernetes::testing::reply(404), kubernetes::testing::ok("{}"),
        kubernetes::testing::ok(R"({"resources":[{"name":"others"}]})"),
        kubernetes::testing::ok(R"({"resources":[7]})"), kubernetes::testing::ok("nonsense")}) {
    FakeTransport transport;
    transport.answer(answer);
    const auto facts = look_at_cluster(transport);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().exit_code, kCrdMissing);
    EXPECT_THAT(facts.error().message, HasSubstr("kubectl apply --server-side -f crds/"));
  }
}

TEST(ClusterFacts, AServerThatDoesNotSayIsAnotherFailure) {
  FakeTransport transport;
  transport.answer(403).fail(TransportError::timeout);
  for (const char* reason : {"HTTP 403", "timeout (scripted failure)"}) {
    const auto facts = look_at_cluster(transport);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().exit_code, kFailed);
    EXPECT_THAT(facts.error().message, HasSubstr(reason));
  }
}

}  // namespace
}  // namespace seraphim::op
