// The contract that the simulator's store keeps (tests/contract), asked of the real API server.
#include "contract/store_contract.h"
#include "world.h"

namespace seraphim::contract {
namespace {

class RealServer final : public ApiUnderTest {
 public:
  kubernetes::Transport& transport() override { return world_.transport(); }
  std::string namespace_() const override { return world_.name(); }
  /// Version 1 is older than what any API server remembers of this kind.
  void forget_the_past() override {}

 private:
  cluster::World world_;
};

INSTANTIATE_TEST_SUITE_P(RealServer, StoreContract,
                         ::testing::Values(ApiMaker{"cluster",
                                                    [] { return std::make_unique<RealServer>(); }}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace seraphim::contract
