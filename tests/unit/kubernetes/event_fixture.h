// A recorder and an API server that checks Events as the real one does, on a clock moved by hand.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kubernetes/event_recorder.h"
#include "kubernetes/fake_lease_server.h"
#include "kubernetes/hand_clock.h"

namespace seraphim::kubernetes::testing {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::milliseconds;
using Methods = std::vector<std::string>;

inline EventNote note(const std::string& discriminator = "") {
  return {.regarding = {.api_version = "v1", .kind = "ConfigMap", .uid = "1234", .key = {"shop", "web"}},
          .reason = "Promoted",
          .action = "Promote",
          .note = "all is well",
          .discriminator = discriminator};
}

class EventFixture : public ::testing::Test {
 protected:
  void record(const EventNote& what) { recorder_.record(what, clock_.wall()); }
  std::optional<milliseconds> flush() { return recorder_.flush(client_, clock_, {}); }
  /// Until all is written, however long that takes on the clock.
  int flush_all() {
    int rounds = 0;
    while (const auto pause = flush()) {
      EXPECT_GT(*pause, 0ms) << "a busy loop";
      clock_.advance(*pause);
      if (++rounds > 10'000) break;
    }
    return rounds;
  }
  /// The only Event there is.
  json event() const {
    const auto paths = server_.paths();
    EXPECT_EQ(paths.size(), 1u);
    return paths.empty() ? json() : server_.object(paths[0]);
  }
  std::int64_t count() const {
    return event().contains("series") ? event()["series"]["count"].get<std::int64_t>() : 1;
  }
  void fail(Fault fault) {
    server_.set_fault([fault](const Request&) { return fault; });
  }
  /// The first so many calls.
  void fail(int times, Fault fault) {
    server_.set_fault([fault, left = std::make_shared<int>(times)](const Request&) {
      return (*left)-- > 0 ? fault : Fault{};
    });
  }
  void heal() { server_.set_fault({}); }

  HandClock clock_;
  FakeLeaseServer server_;
  ApiClient client_{server_};
  EventRecorder recorder_{{.instance = "pod-1"}};
};

}  // namespace seraphim::kubernetes::testing
