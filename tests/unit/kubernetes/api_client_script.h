// An ApiClient on a scripted transport, and the object its tests are about.
#pragma once

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kubernetes/api_client.h"
#include "kubernetes/fake_transport.h"

namespace seraphim::kubernetes::testing {

using nlohmann::json;
using std::chrono_literals::operator""s;

inline const ResourceType kReplicaSets{
    .group = "apps", .version = "v1", .plural = "replicasets", .kind = "ReplicaSet"};
inline const ObjectKey kWeb{"d", "web"};
inline const json kObject{{"apiVersion", "apps/v1"},
                          {"kind", "ReplicaSet"},
                          {"metadata", {{"name", "web"}, {"namespace", "d"}}},
                          {"spec", {{"replicas", 3}, {"args", {{{"a", 1}}}}}}};

/// Each question about the time lets some pass.
class SteppingClock final : public Clock {
 public:
  SteadyTime steady() const override { return now_ += step; }
  WallTime wall() const override { return {}; }
  std::chrono::milliseconds step{0};

 private:
  mutable SteadyTime now_{};
};

class ApiClientTest : public ::testing::Test {
 protected:
  const Request& only_request() {
    requests_ = transport_.requests();
    EXPECT_EQ(requests_.size(), 1u);
    return requests_.at(0);
  }
  static json live(const json& change = json::object()) {
    json object = kObject;
    object.merge_patch(
        json{{"metadata", {{"uid", "u1"}, {"resourceVersion", "7"}}}, {"status", json::object()}});
    object.merge_patch(change);
    return object;
  }

  SteppingClock clock_;
  FakeTransport transport_;
  std::vector<std::string> records_;
  std::vector<Request> requests_;
  ApiClient client_{transport_,
                    {.field_manager = "me & co", .timeout = 10s, .clock = &clock_},
                    [this](const CallRecord& record) {
                      records_.push_back(std::string(record.verb) + " " + record.type.kind + " " +
                                         std::to_string(record.http) + " " +
                                         std::string(to_string(record.error)));
                    }};
};

}  // namespace seraphim::kubernetes::testing
