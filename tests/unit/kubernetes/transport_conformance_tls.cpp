// Whom the transport trusts, and how it says who it is.
#include "kubernetes/transport_conformance.h"

namespace seraphim::kubernetes::testing {
namespace {

Script always_ok() {
  return [](Connection& connection) {
    while (connection.read_request()) connection.respond(200, "{}");
  };
}

void expect_refused(const Response& response, const MisbehavingServer& server) {
  EXPECT_EQ(response.status.error, TransportError::tls) << response.status.detail;
  EXPECT_FALSE(response.status.sent);
  EXPECT_EQ(response.status.detail.find("secret-token"), std::string::npos);
  EXPECT_TRUE(server.seen().empty());
}

}  // namespace

TEST_P(TransportConformance, RefusesAServerOfAnotherAuthority) {
  auto& server = serve(always_ok());
  const TestAuthority other("other-ca");
  expect_refused(connect({.ca_pem = other.certificate_pem()})->call(get(), kPatience, {}), server);
}

TEST_P(TransportConformance, RefusesAPrivateAuthorityWhenOnlyTheSystemIsTrusted) {
  auto& server = serve(always_ok());
  expect_refused(connect(TlsMaterial{})->call(get(), kPatience, {}), server);
}

TEST_P(TransportConformance, RefusesACertificateForAnotherName) {
  auto& server =
      serve(always_ok(), {.identity = authority().issue("server", {"DNS:elsewhere", "IP:127.0.0.2"})});
  expect_refused(connect()->call(get(), kPatience, {}), server);
}

TEST_P(TransportConformance, StreamsVerifyAsWell) {
  auto& server = serve(always_ok(), {.identity = authority().issue("server", {"DNS:elsewhere"})});
  CollectingSink sink;
  const auto status = connect()->stream(get(), kIdle, {}, sink);
  expect_refused({status, {}}, server);
}

TEST_P(TransportConformance, VerifiesTheServerNameWhenOneIsGiven) {
  auto& server = serve(always_ok(), {.identity = authority().issue("server", {"DNS:api.internal"})});
  const auto& ca = authority().certificate_pem();
  EXPECT_TRUE(connect({.ca_pem = ca, .server_name = "api.internal"})->call(get(), kPatience, {}).ok());
  EXPECT_EQ(server.seen().size(), 1u);
  EXPECT_EQ(connect({.ca_pem = ca, .server_name = "evil.example"})->call(get(), kPatience, {}).status.error,
            TransportError::tls);
  EXPECT_EQ(server.seen().size(), 1u);
}

TEST_P(TransportConformance, PresentsItsClientCertificate) {
  auto& server =
      serve(always_ok(), {.identity = local_identity(), .client_ca_pem = authority().certificate_pem()});
  const auto client = authority().issue("operator", {});
  const auto response = connect({.ca_pem = authority().certificate_pem(),
                                 .certificate_pem = client.certificate_pem,
                                 .private_key_pem = client.private_key_pem},
                                "")
                            ->call(get(), kPatience, {});
  EXPECT_TRUE(response.ok()) << response.status.detail;
  ASSERT_EQ(server.seen().size(), 1u);
  EXPECT_EQ(server.seen().front().client_common_name, "operator");
  EXPECT_FALSE(server.seen().front().headers.contains("authorization"));
}

TEST_P(TransportConformance, AMissingClientCertificateIsAnError) {
  auto& server =
      serve(always_ok(), {.identity = local_identity(), .client_ca_pem = authority().certificate_pem()});
  const auto response = connect()->call(get(), kPatience, {});
  EXPECT_NE(response.status.error, TransportError::none);
  EXPECT_TRUE(server.seen().empty());
}

TEST_P(TransportConformance, UnreadableCredentialsSendNothing) {
  auto& server = serve(always_ok());
  const auto response = connect({.ca_pem = "not a certificate"})->call(get(), kPatience, {});
  EXPECT_EQ(response.status.error, TransportError::credentials);
  EXPECT_NE(response.status.detail.find("ca"), std::string::npos);

  struct Throwing : Credentials {
    std::string bearer_token() override { throw std::runtime_error("cannot read /token"); }
    TlsMaterial tls() override { return {.ca_pem = authority().certificate_pem()}; }
  };
  const auto transport = GetParam().make({server.url()}, std::make_shared<Throwing>(), {});
  CollectingSink sink;
  EXPECT_EQ(transport->call(get(), kPatience, {}).status.error, TransportError::credentials);
  EXPECT_EQ(transport->stream(get(), kIdle, {}, sink).detail, "cannot read /token");
  EXPECT_EQ(server.connections(), 0);
}

TEST_P(TransportConformance, TellsTheCredentialsAboutA401) {
  serve_each([](Connection& connection, const SeenRequest&) { connection.respond(401, "{}"); });
  const auto transport = connect();
  EXPECT_EQ(transport->call(get(), kPatience, {}).status.http, 401);
  EXPECT_EQ(credentials_->unauthorized, 1);
  CollectingSink sink;
  EXPECT_EQ(transport->stream(get(), kIdle, {}, sink).http, 401);
  EXPECT_EQ(credentials_->unauthorized, 2);
}

TEST_P(TransportConformance, TakesUpRotatedTlsFilesOnANewConnection) {
  struct Rotating : Credentials {
    std::string bearer_token() override { return {}; }
    TlsMaterial tls() override { return material; }
    TlsMaterial material;
  };
  const auto material_for = [](const std::string& name) {
    const auto client = authority().issue(name, {});
    return TlsMaterial{.ca_pem = authority().certificate_pem(),
                       .certificate_pem = client.certificate_pem,
                       .private_key_pem = client.private_key_pem};
  };
  auto& server =
      serve(always_ok(), {.identity = local_identity(), .client_ca_pem = authority().certificate_pem()});
  const auto credentials = std::make_shared<Rotating>();
  const auto transport = GetParam().make({server.url()}, credentials, {});
  const auto first = material_for("first"), second = material_for("second");
  credentials->material = first;
  EXPECT_TRUE(transport->call(get(), kPatience, {}).ok());
  credentials->material.certificate_pem =
      second.certificate_pem;  // half-rotated: the last good pair stays in use
  EXPECT_TRUE(transport->call(get(), kPatience, {}).ok());
  credentials->material = second;
  EXPECT_TRUE(transport->call(get(), kPatience, {}).ok());
  ASSERT_EQ(server.seen().size(), 3u);
  EXPECT_EQ(server.seen()[1].client_common_name, "first");
  EXPECT_EQ(server.seen()[2].client_common_name, "second");
}

TEST_P(TransportConformance, SpeaksPlainHttpButNeverSendsATokenThere) {
  auto& server = serve(always_ok(), {});
  EXPECT_TRUE(connect()->call(get("/api/v1/query"), kPatience, {}).ok());
  ASSERT_EQ(server.seen().size(), 1u);
  EXPECT_FALSE(server.seen().front().headers.contains("authorization"));
  EXPECT_TRUE(GetParam().make({server.url()}, nullptr, {})->call(get(), kPatience, {}).ok());
}

TEST_P(TransportConformance, ConnectsAndVerifiesIpv6) {
  try {
    serve(always_ok(), {.identity = local_identity(), .ipv6 = true});
  } catch (const std::runtime_error&) {
    GTEST_SKIP() << "this machine has no ::1";
  }
  const auto credentials =
      std::make_shared<FixedCredentials>(TlsMaterial{.ca_pem = authority().certificate_pem()});
  const auto transport = GetParam().make({server_->url("[::1]")}, credentials, {});
  const auto response = transport->call(get(), kPatience, {});
  EXPECT_TRUE(response.ok()) << response.status.detail;
}

}  // namespace seraphim::kubernetes::testing
