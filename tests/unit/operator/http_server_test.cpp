// The server behind /metrics, /livez and /readyz, over real sockets.
#include "operator/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include "kubernetes/temporary_folder.h"
#include "kubernetes/test_pki.h"

namespace seraphim::op {
namespace {

using kubernetes::testing::TemporaryFolder;
using kubernetes::testing::TestAuthority;
using ::testing::HasSubstr;

/// Says what it was asked.
HttpServer::Pages echo() {
  return {{"/livez", [](const HttpQuestion& question) {
             return HttpAnswer{.status = question.verbose ? 503 : 200,
                               .body = question.path + (question.verbose ? " in words" : "")};
           }}};
}

TEST(HttpServer, AnswersItsPagesAndWhatLiesBelowThem) {
  HttpServer server(echo());
  httplib::Client client("127.0.0.1", server.start("127.0.0.1:0").value());
  EXPECT_EQ(client.Get("/livez")->body, "/livez");
  EXPECT_EQ(client.Get("/livez/watches")->body, "/livez/watches");
  const auto verbose = client.Get("/livez?verbose");
  EXPECT_EQ(verbose->status, 503);
  EXPECT_EQ(verbose->body, "/livez in words");
  EXPECT_EQ(client.Get("/livezoo")->status, 404);
  EXPECT_EQ(client.Get("/")->status, 404);
  EXPECT_EQ(client.Head("/livez")->status, 200);
}

TEST(HttpServer, OnlyReadsAndKeepsNoConnection) {
  HttpServer server(echo());
  httplib::Client client("127.0.0.1", server.start("127.0.0.1:0").value());
  EXPECT_EQ(client.Post("/livez", "x", "text/plain")->status, 405);
  EXPECT_EQ(client.Delete("/livez")->status, 405);
  client.set_keep_alive(true);
  EXPECT_EQ(client.Get("/livez")->get_header_value("Connection"), "close");
}

TEST(HttpServer, StopsAtOnceAndMayBeStoppedTwice) {
  HttpServer server(echo());
  const int port = server.start("127.0.0.1:0").value();
  server.stop();
  server.stop();
  EXPECT_FALSE(httplib::Client("127.0.0.1", port).Get("/livez"));
}

TEST(HttpServer, ListensOnAllAddressesWhenNoneIsNamed) {
  HttpServer server(echo());
  EXPECT_TRUE(httplib::Client("127.0.0.1", server.start(":0").value()).Get("/livez"));
}

TEST(HttpServer, APortInUseIsSaid) {
  HttpServer first(echo()), second(echo());
  const std::string address = "127.0.0.1:" + std::to_string(first.start("127.0.0.1:0").value());
  const auto refused = second.start(address);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("cannot serve on " + address));
}

TEST(HttpServer, AnAddressThatIsNoneIsSaid) {
  for (const char* address : {"", "9800", "host", "host:", "host:x", "host:99999", "host:-1", "host:1x"}) {
    HttpServer server(echo());
    const auto refused = server.start(address);
    ASSERT_FALSE(refused) << address;
    EXPECT_THAT(refused.error(), HasSubstr("write host:port"));
  }
}

class HttpsServer : public ::testing::Test {
 protected:
  void issue(const std::string& name) {
    const auto issued = authority_.issue(name, {"IP:127.0.0.1"});
    files_.certificate = folder_.write("tls.crt", issued.certificate_pem);
    files_.key = folder_.write("tls.key", issued.private_key_pem);
  }
  /// Whose certificate the server shows.
  std::string subject(int port) {
    httplib::SSLClient client("127.0.0.1", port);
    client.set_ca_cert_path(ca_);
    client.enable_server_certificate_verification(true);
    const auto answer = client.Get("/livez");
    if (!answer) return "no answer: " + to_string(answer.error());
    return answer->body;
  }

  TemporaryFolder folder_;
  TestAuthority authority_{"authority"};
  std::string ca_ = folder_.write("ca.crt", authority_.certificate_pem());
  TlsFiles files_;
};

TEST_F(HttpsServer, SpeaksTls) {
  issue("one");
  HttpServer server(echo(), files_);
  const int port = server.start("127.0.0.1:0").value();
  EXPECT_EQ(subject(port), "/livez");
  EXPECT_FALSE(httplib::Client("127.0.0.1", port).Get("/livez")) << "not without it";
}

TEST_F(HttpsServer, ARotatedCertificateIsTakenUp) {
  const TestAuthority other("other");
  const auto foreign = other.issue("one", {"IP:127.0.0.1"});
  files_ = {folder_.write("tls.crt", foreign.certificate_pem),
            folder_.write("tls.key", foreign.private_key_pem)};
  HttpServer server(echo(), files_);
  const int port = server.start("127.0.0.1:0").value();
  EXPECT_THAT(subject(port), HasSubstr("no answer")) << "of an authority that is not trusted";
  issue("two");
  EXPECT_EQ(subject(port), "/livez");
}

TEST_F(HttpsServer, FilesThatCannotBeUsedAreSaid) {
  issue("one");
  const auto first_key = files_.key;
  const auto other = authority_.issue("two", {"IP:127.0.0.1"});
  const auto other_key = folder_.write("other.key", other.private_key_pem);
  for (const auto& key : {other_key, folder_.write("no.key", "nonsense"), folder_.path() / "none"}) {
    HttpServer server(echo(), TlsFiles{files_.certificate, key});
    const auto refused = server.start("127.0.0.1:0");
    ASSERT_FALSE(refused) << key;
    EXPECT_THAT(refused.error(), HasSubstr("belong together"));
  }
}

}  // namespace
}  // namespace seraphim::op
