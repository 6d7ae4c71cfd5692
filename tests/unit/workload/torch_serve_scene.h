// An object, its adapter with the watch and the orders, and a TorchServe in memory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kubernetes/hand_clock.h"
#include "workload/fake_torch_serve.h"
#include "workload/torch_serve.h"

namespace seraphim::workload::testing {

using namespace std::chrono_literals;
using kubernetes::ObjectKey;

inline const ObjectKey kWeb{"shop", "web"};

inline api::Revision revision(const std::string& name, const std::string& version, const std::string& url) {
  return {name, 1, api::TorchServeWorkload{"http://t:8081/", "text", version, url, 1, 600s},
          api::RevisionVerdict::none, ""};
}

class TorchServeTest : public ::testing::Test {
 protected:
  TorchServeTest() {
    object_.namespace_ = kWeb.namespace_;
    object_.name = kWeb.name;
    object_.spec.workload = first_.workload;
    recorded_ = {first_, second_};
  }
  void ask() { (void)watch_.step({}); }
  /// All that is due is carried out, and the watch asks.
  void work() {
    for (const auto& order : orders_.take_due(9)) {
      orders_.carry_out(order, {});
      watch_.look_soon(order.what.on);
    }
    ask();
  }
  std::vector<rollout::WorkloadState> states() { return adapter_.observe(object_); }
  rollout::WorkloadState state(const std::string& name) {
    for (auto& state : states()) {
      if (state.revision == name) return state;
    }
    ADD_FAILURE() << "nothing is told of " << name;
    return {};
  }
  void scale(const api::Revision& revision, std::int32_t workers) {
    EXPECT_TRUE(adapter_.scale(object_, revision, workers, {}));
  }
  void remove(const std::string& name) { EXPECT_TRUE(adapter_.remove(object_, name, {})); }
  /// Known, with nothing left to be done.
  void look() {
    EXPECT_THAT(states(), ::testing::_);
    ask();
    server_.writes();
  }

  std::shared_ptr<kubernetes::Transport> connect(const ServerKey& server) {
    connected_.push_back(server);
    return server_.transport;
  }

  FakeTorchServe server_;
  std::vector<ServerKey> connected_;
  kubernetes::testing::HandClock clock_;
  TorchServeServers servers_{[this](const ServerKey& server) { return connect(server); }};
  TorchServeWatch watch_{servers_, clock_};
  std::vector<std::string> reports_;
  TorchServeOrders orders_{servers_, clock_, [this](const std::string& line) { reports_.push_back(line); }};
  std::vector<api::Revision> recorded_;
  TorchServe adapter_{watch_, orders_, [this](const auto&) { return recorded_; }, clock_};
  api::SeraphimDeployment object_;
  const api::Revision first_ = revision("web-1", "1.0", "v1.mar");
  const api::Revision second_ = revision("web-2", "2.0", "v2.mar");
};

}  // namespace seraphim::workload::testing
