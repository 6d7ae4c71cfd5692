// A secret is in no log line, whatever goes wrong: each failure that can have a token or a key at hand is
// brought about, its message logged as the operator logs it, and the log searched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <sstream>

#include "kubernetes/api_client.h"
#include "kubernetes/credentials.h"
#include "kubernetes/hand_clock.h"
#include "kubernetes/informer.h"
#include "kubernetes/kubeconfig.h"
#include "kubernetes/misbehaving_server.h"
#include "kubernetes/temporary_folder.h"
#include "kubernetes/transport_cpprest.h"
#include "operator/cluster_facts.h"
#include "operator/deployment_object.h"
#include "workload/secret_token.h"
#include "workload/torch_serve_client.h"

namespace seraphim::op {
namespace {

using kubernetes::ClusterAccess;
using kubernetes::testing::CertificateAndKey;
using kubernetes::testing::Connection;
using kubernetes::testing::MisbehavingServer;
using kubernetes::testing::TemporaryFolder;
using kubernetes::testing::TestAuthority;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const std::string kMarker = "MARKER-51f0e2";
const std::string kMarkerInBase64 = "TUFSS0VSLTUxZjBlMg==";

class Secrets : public ::testing::Test {
 protected:
  Secrets() { log_.set_level(spdlog::level::trace); }
  ~Secrets() override {
    const std::string logged = lines_.str();
    EXPECT_NE(logged, "") << "nothing went wrong, so nothing was tested";
    EXPECT_THAT(logged, AllOf(Not(HasSubstr(kMarker)), Not(HasSubstr(kMarkerInBase64))));
  }

  auto clock() {
    return [this] { return clock_.steady(); };
  }
  tl::expected<ClusterAccess, std::string> load(const std::string& cluster, const std::string& user) {
    return kubernetes::load_kubeconfig(
        folder_.write("config",
                      "current-context: a\ncontexts: [{name: a, context: {cluster: a, user: a}}]\n"
                      "clusters: [{name: a, cluster: " +
                          cluster +
                          "}]\n"
                          "users: [{name: a, user: " +
                          user + "}]\n"),
        "", clock());
  }
  /// As main() tells it.
  void refused(const std::string& cluster, const std::string& user) {
    const auto access = load(cluster, user);
    ASSERT_FALSE(access) << user;
    log_.error("no access to a cluster: {}", access.error());
  }
  void user_refused(const std::string& user) { refused("{server: 'https://10.0.0.1'}", user); }

  /// Everything that the operator asks, of a server that does this with every connection.
  void ask(kubernetes::Transport& transport) {
    if (const auto facts = look_at_cluster(transport); !facts) log_.error("{}", facts.error().message);
    kubernetes::ApiClient client(transport, {.timeout = 5s});
    const auto& type = kubernetes::Resource<DeploymentObject>::type();
    if (const auto got = client.get(type, {"shop", "web"}); !got) log_.warn("{}", got.error().message);
    const auto written = client.merge_patch(type, {"shop", "web"}, nlohmann::json::object());
    if (!written) log_.warn("{}", written.error().message);
    struct Lines final : kubernetes::LineSink {
      kubernetes::Flow on_line(std::string_view) override { return kubernetes::Flow::more; }
    } lines;
    const auto ended = transport.stream({.target = "/apis"}, 5s, {}, lines);
    log_.warn("{}: {}", to_string(ended.error), ended.detail);
  }
  void ask_with_token(const std::function<void(Connection&)>& act) {
    const auto identity = authority_.issue("server", {"IP:127.0.0.1"});
    MisbehavingServer server({.identity = identity}, act);
    ask(*kubernetes::make_cpprest_transport({server.url()}, credentials(authority_)));
  }
  std::shared_ptr<kubernetes::Credentials> credentials(const TestAuthority& trusted) {
    return std::make_shared<kubernetes::FileCredentials>(
        kubernetes::CredentialSources{.ca = {.text = trusted.certificate_pem()}, .token = {.text = kMarker}},
        clock());
  }

  kubernetes::testing::HandClock clock_;
  TemporaryFolder folder_;
  TestAuthority authority_{"authority"};
  std::ostringstream lines_;
  spdlog::logger log_{"test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_)};
};

TEST_F(Secrets, AKubeconfigThatCannotBeUsed) {
  user_refused("{token: '" + kMarker + " and more'}");
  user_refused("{client-key-data: " + kMarkerInBase64 + "}");
  user_refused("{client-key-data: " + kMarkerInBase64 + ", client-certificate-data: " + kMarkerInBase64 +
               "}");
  user_refused("{client-key-data: '" + kMarker + "', client-certificate-data: '" + kMarker + "'}");
  user_refused("{username: me, password: " + kMarker + "}");
  user_refused("{exec: {command: get-token, args: [" + kMarker + "]}, token: " + kMarker + "}");
  user_refused("{auth-provider: {config: {token: " + kMarker + "}}}");
  user_refused("{token: [" + kMarker + "]}");
  user_refused(kMarker);
}

TEST_F(Secrets, AKubeconfigThatIsNotYaml) {
  user_refused("{token: " + kMarker);
  user_refused("{token: '" + kMarker + "}");
  user_refused("{token: " + kMarker + ": x: y}");
  user_refused("{token: *" + kMarker + "}");
  user_refused("{token: !<" + kMarker + "> {}}");
}

TEST_F(Secrets, ATokenInPlaceOfTheNameOfItsFile) {
  user_refused("{tokenFile: eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ." + kMarker + "}");
}

TEST_F(Secrets, APasswordInTheAddress) {
  refused("{server: 'https://me:" + kMarker + "@10.0.0.1'}", "{}");
  refused("{server: 'me:" + kMarker + "@10.0.0.1'}", "{}");
}

TEST_F(Secrets, FilesThatChangeToSomethingUnusable) {
  const auto token = folder_.write("token", kMarker);
  kubernetes::FileCredentials good({.token = {.file = token}}, clock());
  ASSERT_EQ(good.bearer_token(), kMarker);
  folder_.write("token", kMarker + "\nX-Header: " + kMarker);
  kubernetes::FileCredentials bad({.token = {.file = token}}, clock());
  try {
    (void)bad.bearer_token();
    FAIL() << "a line break in a token";
  } catch (const std::runtime_error& error) {
    log_.error("{}", error.what());
  }
  const auto shared = std::make_shared<kubernetes::FileCredentials>(
      kubernetes::CredentialSources{.token = {.file = token}}, clock());
  ask(*kubernetes::make_cpprest_transport({"https://127.0.0.1:1"}, shared));
}

TEST_F(Secrets, AServerThatIsNotThereOrNotTrusted) {
  ask(*kubernetes::make_cpprest_transport({"https://127.0.0.1:1"}, credentials(authority_)));
  ask(*kubernetes::make_cpprest_transport({"https://no.such.host.invalid"}, credentials(authority_)));
  const TestAuthority other("other");
  MisbehavingServer server({.identity = other.issue("server", {"IP:127.0.0.1"})},
                           [](Connection& connection) { connection.read_request(); });
  ask(*kubernetes::make_cpprest_transport({server.url()}, credentials(authority_)));
}

TEST_F(Secrets, AServerThatMisbehavesWhenItHasTheToken) {
  std::atomic<int> seen = 0;
  const auto note = [&](Connection& connection) {
    const auto request = connection.read_request();
    if (request && request->headers.at("authorization") == "Bearer " + kMarker) ++seen;
    return request.has_value();
  };
  ask_with_token([&](Connection& c) { note(c); });
  ask_with_token([&](Connection& c) {
    if (note(c)) c.respond(401, R"({"kind":"Status","code":401,"reason":"Unauthorized"})");
  });
  ask_with_token([&](Connection& c) {
    if (note(c)) c.respond(302, "", "Location: https://elsewhere/\r\n");
  });
  ask_with_token([&](Connection& c) {
    if (note(c)) c.send("nonsense\r\n\r\n");
  });
  ask_with_token([&](Connection& c) {
    if (note(c)) c.reset();
  });
  EXPECT_GE(seen, 5 * 4) << "the token was sent, and could have been told";
}

/// As the operator speaks to a TorchServe, of everything that can go wrong with its token.
TEST_F(Secrets, ATorchServeThatMisbehavesWhenItHasTheToken) {
  std::atomic<int> seen = 0;
  const auto ask_torch_serve = [&](const std::function<void(Connection&)>& act) {
    MisbehavingServer server({}, [&](Connection& connection) {
      const auto request = connection.read_request();
      if (!request) return;
      if (request->headers.at("authorization") == "Bearer " + kMarker) ++seen;
      act(connection);
    });
    const auto held = std::make_shared<workload::HeldToken>();
    workload::TokenTransport transport(
        kubernetes::make_cpprest_transport({.url = server.url(), .token_over_plain_http = true}, held), held,
        [](const auto&) -> tl::expected<std::string, std::string> { return kMarker; },
        kubernetes::system_clock());
    workload::TorchServeClient client(transport, server.url(), "key token of Secret shop/torchserve");
    const auto versions = client.versions("text", {});
    if (!versions) log_.warn("{}", versions.error().message);
    const auto added = client.add("text", "v1.mar", 1, workload::TorchServeClient::Wait::not_at_all, {});
    if (!added) log_.warn("{}", added.error().message);
  };
  ask_torch_serve([](Connection& c) {
    c.respond(400, R"({"type":"InvalidKeyException","message":"Bearer )" + kMarker + " is wrong\"}");
  });
  ask_torch_serve([](Connection& c) { c.respond(500, kMarker + " is not JSON"); });
  ask_torch_serve([](Connection& c) { c.respond(302, "", "Location: https://elsewhere/\r\n"); });
  ask_torch_serve([](Connection& c) { c.send("nonsense\r\n\r\n"); });
  ask_torch_serve([](Connection& c) { c.reset(); });
  EXPECT_GE(seen, 5 * 2) << "the token was sent, and could have been told";
}

TEST_F(Secrets, TheLineOfAGoodStart) {
  const auto access = load("{server: 'https://10.0.0.1'}", "{token: " + kMarker + "}");
  ASSERT_TRUE(access) << access.error();
  log_.info("cluster {} by {}", access->endpoint.url, access->source);
}

}  // namespace
}  // namespace seraphim::op
