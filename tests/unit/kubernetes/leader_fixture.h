// Two candidates, a and b, for one Lease, on clocks moved by hand.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "kubernetes/fake_lease_server.h"
#include "kubernetes/hand_clock.h"
#include "kubernetes/leader_election.h"

namespace seraphim::kubernetes::testing {

using namespace std::chrono_literals;
using nlohmann::json;

class LeaderFixture : public ::testing::Test {
 protected:
  static constexpr auto kPath = "/apis/coordination.k8s.io/v1/namespaces/seraphim-system/leases/operator";

  struct Candidate {
    Candidate(FakeLeaseServer& server, std::string identity, Random random)
        : client(server, {.timeout = 5s}),
          elector({.lease = {"seraphim-system", "operator"}, .identity = std::move(identity)}, client, clock,
                  std::move(random)) {}

    std::chrono::milliseconds step() { return elector.step({}); }
    bool leading() const { return elector.leading(clock.steady()); }
    bool lost() const { return elector.lost(clock.steady()); }

    HandClock clock;
    ApiClient client;
    LeaderElector elector;
  };

  std::unique_ptr<Candidate> candidate(const std::string& identity) {
    return std::make_unique<Candidate>(server_, identity, [this] { return random_; });
  }
  void advance(std::chrono::milliseconds by) {
    a_->clock.advance(by);
    b_->clock.advance(by);
  }
  json spec() const { return server_.object(kPath).value("spec", json()); }
  std::string holder() const { return spec().value("holderIdentity", "?"); }
  void fail(Fault fault) {
    server_.set_fault([fault](const Request&) { return fault; });
  }
  void fail(const std::string& method, Fault fault) {
    server_.set_fault([=](const Request& request) { return request.method == method ? fault : Fault{}; });
  }
  void heal() { server_.set_fault({}); }

  double random_ = 0;
  FakeLeaseServer server_;
  std::unique_ptr<Candidate> a_ = candidate("a"), b_ = candidate("b");
};

}  // namespace seraphim::kubernetes::testing
