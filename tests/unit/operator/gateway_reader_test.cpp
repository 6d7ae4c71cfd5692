// The gateway's pods are asked until all agree for long enough, and then no more.
#include "operator/gateway_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kubernetes/fake_transport.h"
#include "kubernetes/hand_clock.h"

namespace seraphim::op {
namespace {

using kubernetes::ObjectKey;
using kubernetes::Request;
using kubernetes::testing::FakeTransport;
using kubernetes::testing::ok;
using kubernetes::testing::reply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::json;
using namespace std::chrono_literals;

struct FakePod {
  std::string percent = "\"0.0500\"";  ///< in JSON
  int ready = 200;
  std::string address{};
  bool deleting = false;
};

class GatewayReaderTest : public ::testing::Test {
 protected:
  GatewayReaderTest() {
    api_.otherwise([this](const Request& request) {
      EXPECT_EQ(request.target,
                "/api/v1/namespaces/shop/pods?limit=500&labelSelector=app%3Dseraphim-inference");
      return ok(pods_as_listed().dump());
    });
    reader_.on_sooner([this] { ++woken_; });
  }

  Json pods_as_listed() const {
    Json items = Json::array();
    for (const auto& [name, pod] : pods_) {
      Json meta = {{"name", name}};
      if (pod.deleting) meta["deletionTimestamp"] = "2026-01-01T00:00:00Z";
      items.push_back({{"metadata", meta}, {"status", {{"phase", "Running"}, {"podIP", pod.address}}}});
    }
    return {{"items", items}};
  }
  std::shared_ptr<kubernetes::Transport> transport_to(const std::string& url) {
    auto transport = std::make_shared<FakeTransport>();
    transport->otherwise([this, url](const Request& request) {
      asked_.push_back(url + request.target);
      for (const auto& [name, pod] : pods_) {
        if (url != "http://" + pod.address + ":8080") continue;
        if (request.target == "/readyz") return reply(pod.ready);
        return ok(R"({"environment":{"canary_percent":)" + pod.percent + "}}");
      }
      return kubernetes::testing::broken(kubernetes::TransportError::connect);
    });
    return transport;
  }

  std::string ask(const std::string& percent = "0.0500", const std::string& setting = "a b") {
    return reader_.unsettled(kWeb, {.deployment = {"shop", "seraphim-inference"},
                                    .uid = "u",
                                    .selector = {{"app", "seraphim-inference"}},
                                    .canary_percent = percent,
                                    .setting = setting,
                                    .settle = 10s});
  }
  std::vector<ObjectKey> step() { return reader_.step({}); }
  void settle() {
    (void)ask();
    (void)step();
    clock_.advance(10s);
    (void)step();
    ASSERT_EQ(ask(), "");
    asked_.clear();
  }

  const ObjectKey kWeb{"shop", "web"};
  std::map<std::string, FakePod> pods_{{"one", {.address = "10.0.0.1"}}, {"two", {.address = "10.0.0.2"}}};
  std::vector<std::string> asked_;
  int woken_ = 0;
  kubernetes::testing::HandClock clock_;
  FakeTransport api_;
  kubernetes::ApiClient client_{api_};
  GatewayReader reader_{client_, [this](const std::string& url) { return transport_to(url); }, clock_};
};

TEST_F(GatewayReaderTest, AsksNobodyUntilSomebodyWaits) {
  EXPECT_FALSE(reader_.next_due().has_value());
  EXPECT_THAT(step(), IsEmpty());
  EXPECT_THAT(api_.requests(), IsEmpty());
}

TEST_F(GatewayReaderTest, SettlesWhenAllPodsAgreeForLongEnough) {
  EXPECT_THAT(ask(), HasSubstr("have not been asked yet"));
  EXPECT_EQ(woken_, 1);
  EXPECT_EQ(reader_.next_due(), clock_.steady());
  EXPECT_THAT(step(), ElementsAre(kWeb));
  EXPECT_THAT(asked_,
              ElementsAre("http://10.0.0.1:8080/observability/config", "http://10.0.0.1:8080/readyz",
                          "http://10.0.0.2:8080/observability/config", "http://10.0.0.2:8080/readyz"));
  EXPECT_THAT(ask(), HasSubstr("report CANARY_PERCENT \"0.0500\"; it counts after 10s"));
  EXPECT_EQ(woken_, 1) << "the same question again";
  EXPECT_EQ(reader_.next_due(), clock_.steady() + 10s);
  clock_.advance(9s);
  EXPECT_THAT(step(), IsEmpty());
  clock_.advance(1s);
  EXPECT_THAT(step(), ElementsAre(kWeb));
  EXPECT_EQ(ask(), "");
  EXPECT_FALSE(reader_.next_due().has_value()) << "no request while nobody waits";
}

TEST_F(GatewayReaderTest, OnePodThatDisagreesBeginsItAnew) {
  (void)ask();
  (void)step();
  pods_["two"].percent = "\"0.1\"";
  clock_.advance(10s);
  EXPECT_THAT(step(), ElementsAre(kWeb));
  EXPECT_EQ(ask(), "pod two reports CANARY_PERCENT \"0.1\" in place of \"0.0500\"");
  clock_.advance(1s);
  EXPECT_THAT(step(), IsEmpty()) << "no news";
  pods_["two"].percent = "\"0.0500\"";
  clock_.advance(1s);
  EXPECT_THAT(step(), ElementsAre(kWeb));
  clock_.advance(9s);
  (void)step();
  EXPECT_NE(ask(), "");
  clock_.advance(1s);
  (void)step();
  EXPECT_EQ(ask(), "");
}

TEST_F(GatewayReaderTest, TheSameShareInOtherWordsAgrees) {
  pods_["one"].percent = "\" 5 \"";
  pods_["two"].percent = "\"5e-2\"";
  (void)ask();
  (void)step();
  EXPECT_THAT(ask(), HasSubstr("it counts after"));
}

TEST_F(GatewayReaderTest, AVariableThatIsNotThereIsNothing) {
  pods_["one"].percent = pods_["two"].percent = "null";
  (void)ask("0");
  (void)step();
  EXPECT_THAT(ask("0"), HasSubstr("it counts after"));
}

TEST_F(GatewayReaderTest, SaysWhatIsInTheWay) {
  const auto expect = [&](const std::string& sentence) {
    clock_.advance(1s);
    (void)ask();
    (void)step();
    EXPECT_THAT(ask(), HasSubstr(sentence));
  };
  pods_["one"].ready = 503;
  expect("pod one has no TorchServe behind it: GET /readyz: HTTP 503");
  pods_["one"].address = "10.0.0.9";
  pods_["two"].deleting = true;
  pods_["one"].ready = 200;
  expect("report CANARY_PERCENT");
  pods_["one"].address.clear();
  clock_.advance(10s);
  expect("pod one has no address yet");
  pods_.erase("one");
  expect("Deployment seraphim-inference has no pods");
  api_.otherwise([](const Request&) { return kubernetes::testing::refuse(403, "Forbidden"); });
  expect("the gateway's pods cannot be listed");
}

TEST_F(GatewayReaderTest, APodThatCannotBeReachedIsNamed) {
  pods_ = {{"one", {.address = "10.0.0.1"}}};
  GatewayReader reader(
      client_, [](const std::string&) { return std::make_shared<FakeTransport>(); }, clock_);
  const traffic::GatewayQuestion question{.deployment = {"shop", "seraphim-inference"},
                                          .selector = {{"app", "seraphim-inference"}},
                                          .canary_percent = "0"};
  (void)reader.unsettled(kWeb, question);
  (void)reader.step({});
  EXPECT_EQ(reader.unsettled(kWeb, question),
            "pod one does not say what it runs with: GET /observability/config: HTTP 500");
}

TEST_F(GatewayReaderTest, AnotherSettingIsAskedForAnew) {
  settle();
  EXPECT_NE(ask("0.0500", "a c"), "");
  EXPECT_EQ(reader_.next_due(), clock_.steady());
  EXPECT_THAT(step(), ElementsAre(kWeb));
  EXPECT_THAT(asked_, ::testing::SizeIs(4));
}

TEST_F(GatewayReaderTest, WhoIsForgottenIsNotAskedAbout) {
  (void)ask();
  reader_.forget(kWeb);
  EXPECT_FALSE(reader_.next_due().has_value());
  EXPECT_THAT(step(), IsEmpty());
  EXPECT_THAT(asked_, IsEmpty());
}

}  // namespace
}  // namespace seraphim::op
