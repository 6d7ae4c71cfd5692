// The simulator's store keeps the same contract as a real API server (tests/contract).
#include "contract/store_contract.h"
#include "simulation/api_server.h"
#include "simulation/api_store.h"

namespace seraphim::simulation {
namespace {

/// Carries requests out at once; a stream ends when nothing more has happened.
class Direct final : public kubernetes::Transport {
 public:
  explicit Direct(ApiStore& store) : store_(store), server_(store) {}

  kubernetes::Response call(const kubernetes::Request& request, std::chrono::milliseconds,
                            std::stop_token) noexcept override {
    return server_.handle(request, {.who = Author::Who::person});
  }
  kubernetes::CallStatus stream(const kubernetes::Request& request, std::chrono::seconds, std::stop_token,
                                kubernetes::LineSink& sink) noexcept override {
    WatchStream watch(store_, parse_target(request.target));
    while (watch.next_at() || !watch.over()) {
      if (!watch.next_at() || sink.on_line(watch.take()) == kubernetes::Flow::stop) break;
    }
    return {.http = 200, .sent = true};
  }

 private:
  ApiStore& store_;
  ApiServer server_;
};

class InMemory final : public contract::ApiUnderTest {
 public:
  kubernetes::Transport& transport() override { return direct_; }
  std::string namespace_() const override { return "contract"; }
  void forget_the_past() override { store_.compact(Kind::deployments); }

 private:
  WorldClock clock_;
  ApiStore store_{clock_};
  Direct direct_{store_};
};

}  // namespace
}  // namespace seraphim::simulation

namespace seraphim::contract {

INSTANTIATE_TEST_SUITE_P(InMemory, StoreContract,
                         ::testing::Values(ApiMaker{"memory",
                                                    [] { return std::make_unique<simulation::InMemory>(); }}),
                         [](const auto& test) { return test.param.name; });

}  // namespace seraphim::contract
