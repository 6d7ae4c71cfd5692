// The server behind /metrics, /livez and /readyz, over real sockets.
#include "operator/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>

#include "kubernetes/temporary_folder.h"
#include "kubernetes/test_pki.h"

namespace seraphim::op {
namespace {

using kubernetes::testing::TemporaryFolder;
using kubernetes::testing::TestAuthority;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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

Descriptor connected(int port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return socket;
}

/// What comes back for these bytes until the server closes; empty when it closes without a word.
std::string exchange_bytes(int port, const std::string& bytes) {
  const Descriptor socket = connected(port);
  for (std::string_view left = bytes; !left.empty();) {
    const auto sent = send(socket.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  shutdown(socket.get(), SHUT_WR);
  std::string answer;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto count = recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) return answer;
    answer.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

TEST(HttpServer, RefusesWhatIsNoRequestForAPage) {
  HttpServer server(echo());
  const int port = server.start("127.0.0.1:0").value();
  EXPECT_THAT(exchange_bytes(port, "nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(exchange_bytes(port, "GET /livez HTTP/2.0\r\n\r\n"), StartsWith("HTTP/1.1 505 "));
  EXPECT_THAT(exchange_bytes(port, "GET /livez HTTP/1.1\n\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(exchange_bytes(port, "GET /livez HTTP/1.1\r\n"), "") << "a head that does not end";
  EXPECT_EQ(exchange_bytes(port, ""), "");
}

TEST(HttpServer, AHeadHasItsLimit) {
  HttpServer server(echo());
  const int port = server.start("127.0.0.1:0").value();
  const std::string line = "GET /livez HTTP/1.1\r\nX: ";
  EXPECT_THAT(exchange_bytes(port, line + std::string(8000, 'a') + "\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange_bytes(port, line + std::string(9000, 'a') + "\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
}

TEST(HttpServer, APageThatFailsIsAnAnswerToo) {
  HttpServer server({{"/livez", [](const HttpQuestion&) -> HttpAnswer { throw std::runtime_error("no"); }}});
  httplib::Client client("127.0.0.1", server.start("127.0.0.1:0").value());
  EXPECT_EQ(client.Get("/livez")->status, 500);
}

TEST(HttpServer, PeersThatSayNothingKeepNobodyOutForLong) {
  HttpServer server(echo(), std::nullopt, std::chrono::milliseconds(400));
  const int port = server.start("127.0.0.1:0").value();
  std::vector<Descriptor> silent;
  for (int i = 0; i < 8; ++i) silent.push_back(connected(port));
  httplib::Client client("127.0.0.1", port);
  client.set_read_timeout(30);
  EXPECT_TRUE(client.Get("/livez")) << "after they have been timed out";
}

TEST(HttpServer, StopsWhileAPeerSaysNothing) {
  HttpServer server(echo());
  const int port = server.start("127.0.0.1:0").value();
  const Descriptor silent = connected(port);
  const auto began = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
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
  const int port = server.start(":0").value();
  EXPECT_TRUE(httplib::Client("127.0.0.1", port).Get("/livez"));
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
