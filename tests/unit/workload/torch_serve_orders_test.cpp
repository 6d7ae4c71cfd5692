// Orders that a TorchServe has not carried out yet when the spec names another Secret for its token.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workload/torch_serve_scene.h"

namespace seraphim::workload::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class TorchServeTokenTest : public TorchServeTest {
 protected:
  void name_secret(const std::string& name) {
    std::get<api::TorchServeWorkload>(object_.spec.workload).token_secret = api::TokenSecret{name, "token"};
  }
  /// The Secrets of all orders that are tried within the next hour.
  std::vector<std::string> tried() {
    clock_.advance(1h);
    std::vector<std::string> secrets;
    for (const auto& order : orders_.take_due(9)) secrets.push_back(order.what.on.server.token.name);
    return secrets;
  }
};

TEST_F(TorchServeTokenTest, AnOrderByAnotherTokenReplacesTheOldOne) {
  name_secret("wrong");
  scale(first_, 2);
  scale(second_, 1);
  name_secret("right");
  scale(first_, 0);
  EXPECT_THAT(tried(), UnorderedElementsAre("right", "wrong")) << "the other version's is not of it";
}

TEST_F(TorchServeTokenTest, NothingIsDoneByATokenThatTheSpecNamesNoMore) {
  name_secret("wrong");
  scale(first_, 2);
  const auto under_way = orders_.take_due(9).at(0);
  server_.away = true;
  name_secret("right");
  EXPECT_THAT(states(), IsEmpty()) << "a look is enough";
  EXPECT_FALSE(orders_.carry_out(under_way, {})) << "nobody waits for it";
  EXPECT_THAT(tried(), IsEmpty());
  EXPECT_EQ(orders_.next_due(), std::nullopt);
}

TEST_F(TorchServeTokenTest, AnotherObjectsOrderIsNotTouched) {
  name_secret("its-own");
  scale(first_, 1);
  object_.name = "other";
  name_secret("mine");
  scale(first_, 1);
  EXPECT_THAT(tried(), UnorderedElementsAre("its-own", "mine"));
}

}  // namespace
}  // namespace seraphim::workload::testing
