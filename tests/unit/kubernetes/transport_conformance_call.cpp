// Unary calls: statuses, bodies, deadlines, connection reuse.
#include <algorithm>
#include <thread>

#include "kubernetes/transport_conformance.h"

namespace seraphim::kubernetes::testing {
namespace {

using namespace std::chrono_literals;

/// gzip of "0123456789" a thousand times.
const std::string kGzip(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc6\x49\x0d\x00\x20"
    "\x0c\x00\x30\x4b\xe3\x18\x03\xff\xc6\xd0\xb1\xa4\x7d\x35\xc6\x5c"
    "\x3b\x4f\xdd\x17\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66"
    "\x66\x66\x66\x66\x66\x66\x66\x6d\xf7\x01\x57\x8b\xce\xbd\x10\x27"
    "\x00\x00",
    66);

}  // namespace

TEST_P(TransportConformance, CarriesMethodTargetHeadersAndBody) {
  auto& server =
      serve_each([](Connection& connection, const SeenRequest&) { connection.respond(201, R"({"a":1})"); });
  Request request{.method = "PATCH",
                  .target = "/api/a%2Fb?labelSelector=x%3Dy%20z&force=true",
                  .content_type = "application/apply-patch+yaml",
                  .body = R"({"k":"v"})"};
  const auto response = connect()->call(request, kPatience, {});

  EXPECT_TRUE(response.ok()) << response.status.detail;
  EXPECT_EQ(response.status.http, 201);
  EXPECT_TRUE(response.status.sent);
  EXPECT_EQ(response.body, R"({"a":1})");
  ASSERT_EQ(server.seen().size(), 1u);
  const auto seen = server.seen().front();
  EXPECT_EQ(seen.method, "PATCH");
  EXPECT_EQ(seen.target, request.target);
  EXPECT_EQ(seen.body, request.body);
  EXPECT_EQ(seen.headers.at("content-type"), "application/apply-patch+yaml");
  EXPECT_EQ(seen.headers.at("accept"), "application/json");
  EXPECT_EQ(seen.headers.at("authorization"), "Bearer secret-token");
  EXPECT_EQ(seen.headers.at("user-agent"), "seraphim-operator");
}

TEST_P(TransportConformance, APlainConnectionCarriesNoTokenUnlessToldTo) {
  auto& server = serve(
      [](Connection& connection) {
        while (connection.read_request()) connection.respond(200, "{}");
      },
      {});
  const auto credentials = std::make_shared<FixedCredentials>(TlsMaterial{}, "secret-token");
  EXPECT_TRUE(GetParam().make({server.url()}, credentials, {})->call(get(), kPatience, {}).ok());
  EXPECT_TRUE(GetParam()
                  .make({.url = server.url(), .token_over_plain_http = true}, credentials, {})
                  ->call(get(), kPatience, {})
                  .ok());
  ASSERT_EQ(server.seen().size(), 2u);
  EXPECT_FALSE(server.seen()[0].headers.contains("authorization"));
  EXPECT_EQ(server.seen()[1].headers.at("authorization"), "Bearer secret-token");
}

TEST_P(TransportConformance, CarriesFurtherHeadersAndNoneThatCannotBeOne) {
  auto& server =
      serve_each([](Connection& connection, const SeenRequest&) { connection.respond(200, "{}"); });
  const auto transport = connect();
  Request request = get();
  request.headers = {{"X-Canary", "candidate"}, {"X-User-Id", "alice b"}};
  EXPECT_TRUE(transport->call(request, kPatience, {}).ok());
  ASSERT_EQ(server.seen().size(), 1u);
  EXPECT_EQ(server.seen()[0].headers.at("x-canary"), "candidate");
  EXPECT_EQ(server.seen()[0].headers.at("x-user-id"), "alice b");

  const Header wrong[] = {
      {"X-Canary", "a\r\nX-Evil: b"}, {"X Canary", "a"}, {"", "a"}, {"X-Canary:", "a"}, {"accept", "*/*"},
      {"Authorization", "Bearer x"}};
  for (const Header& header : wrong) {
    request.headers = {header};
    const auto response = transport->call(request, kPatience, {});
    EXPECT_EQ(response.status.error, TransportError::protocol) << header.name;
    EXPECT_FALSE(response.status.sent);
  }
  EXPECT_EQ(server.seen().size(), 1u) << "nothing was sent";
}

TEST_P(TransportConformance, PutsTheTargetBehindThePrefixOfTheEndpoint) {
  auto& server =
      serve_each([](Connection& connection, const SeenRequest&) { connection.respond(200, "{}"); });
  const auto credentials =
      std::make_shared<FixedCredentials>(TlsMaterial{.ca_pem = authority().certificate_pem()});
  const auto transport = GetParam().make({server.url() + "/k8s/clusters/c1"}, credentials, {});
  EXPECT_TRUE(transport->call(get("/api/v1?limit=5"), kPatience, {}).ok());
  EXPECT_EQ(server.seen().at(0).target, "/k8s/clusters/c1/api/v1?limit=5");
}

TEST_P(TransportConformance, AnHttpErrorIsNotATransportError) {
  serve_each([](Connection& connection, const SeenRequest&) {
    connection.respond(409, R"({"reason":"Conflict"})");
  });
  const auto response = connect()->call(post(), kPatience, {});
  EXPECT_EQ(response.status.error, TransportError::none);
  EXPECT_FALSE(response.ok());
  EXPECT_EQ(response.body, R"({"reason":"Conflict"})");
}

TEST_P(TransportConformance, ReportsRetryAfterSecondsAndDate) {
  serve_each([](Connection& connection, const SeenRequest& request) {
    connection.respond(429, "{}",
                       request.target == "/date" ? "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                                   "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"
                                                 : "Retry-After: 7\r\n");
  });
  const auto transport = connect();
  EXPECT_EQ(transport->call(get("/seconds"), kPatience, {}).status.retry_after, 7000ms);
  EXPECT_EQ(transport->call(get("/date"), kPatience, {}).status.retry_after, 30'000ms);
}

TEST_P(TransportConformance, DoesNotFollowRedirects) {
  auto& server = serve_each([&](Connection& connection, const SeenRequest&) {
    connection.respond(302, "", "Location: /elsewhere\r\n");
  });
  const auto response = connect()->call(get(), kPatience, {});
  EXPECT_EQ(response.status.http, 302);
  EXPECT_EQ(server.seen().size(), 1u);
}

TEST_P(TransportConformance, DecodesGzipWhenAskedFor) {
  auto& server = serve_each([](Connection& connection, const SeenRequest&) {
    connection.respond(200, kGzip, "Content-Encoding: gzip\r\n");
  });
  auto request = get();
  request.gzip = true;
  const auto transport = connect();
  const auto response = transport->call(request, kPatience, {});
  EXPECT_TRUE(response.ok()) << response.status.detail;
  EXPECT_EQ(response.body.size(), 10'000u);
  EXPECT_TRUE(response.body.starts_with("01234567890123"));
  EXPECT_EQ(server.seen().front().headers.at("accept-encoding"), "gzip");

  request.max_body = 9'999;  // decoded bytes count
  EXPECT_EQ(transport->call(request, kPatience, {}).status.error, TransportError::too_large);
}

TEST_P(TransportConformance, DecodesNothingThatItDidNotAskFor) {
  // An empty brotli stream. Nobody asks for brotli, so its bytes must not reach a decoder.
  auto& server = serve_each([](Connection& connection, const SeenRequest&) {
    connection.respond(200, "\x06", "Content-Encoding: br\r\n");
  });
  for (const bool gzip : {false, true}) {
    auto request = get();
    request.gzip = gzip;
    EXPECT_EQ(connect()->call(request, kPatience, {}).status.error, TransportError::protocol) << gzip;
    EXPECT_FALSE(server.seen().back().headers.contains("te")) << "nor may the transfer be compressed";
  }
}

TEST_P(TransportConformance, RefusesATooLargeBodyBeforeItHasArrived) {
  auto& server = serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    const std::string chunk(32u << 10, 'x');
    while (connection.chunk(chunk)) {  // without end
    }
    connection.signal_server();
  });
  auto request = get();
  request.max_body = 1u << 20;
  const auto response = connect()->call(request, kPatience, {});
  EXPECT_EQ(response.status.error, TransportError::too_large);
  EXPECT_LE(response.body.size(), request.max_body);
  EXPECT_TRUE(server.wait_for_signals(1)) << "the connection stayed open";
}

TEST_P(TransportConformance, TheDeadlineFiresOnASilentServer) {
  serve_each([](Connection& connection, const SeenRequest&) { connection.wait_for_peer_close(kPatience); });
  const auto response = connect()->call(post(), 400ms, {});
  EXPECT_EQ(response.status.error, TransportError::timeout);
  EXPECT_TRUE(response.status.sent);
}

TEST_P(TransportConformance, TheDeadlineFiresOnAServerThatDrips) {
  auto& server = serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    while (connection.chunk("x") && !connection.wait_for_peer_close(50ms)) {
    }
    connection.signal_server();
  });
  const auto response = connect()->call(get(), 600ms, {});
  EXPECT_EQ(response.status.error, TransportError::timeout);
  EXPECT_EQ(response.status.http, 200);
  EXPECT_TRUE(server.wait_for_signals(1));
}

TEST_P(TransportConformance, TheDeadlineFiresInTheHandshake) {
  serve({}, {.identity = local_identity(), .handshake = false});
  EXPECT_EQ(connect()->call(get(), 300ms, {}).status.error, TransportError::timeout);
}

TEST_P(TransportConformance, WaitingForASlotCountsAgainstTheDeadline) {
  auto& server = serve_each([](Connection& connection, const SeenRequest&) {
    connection.signal_server();
    connection.wait_for_peer_close(kPatience);
  });
  const auto transport = connect({.ca_pem = authority().certificate_pem()}, "", {.unary_calls = 1});
  std::stop_source stop;
  std::jthread first([&] { transport->call(get(), kPatience, stop.get_token()); });
  ASSERT_TRUE(server.wait_for_signals(1));
  const auto second = transport->call(post(), 200ms, {});
  EXPECT_EQ(second.status.error, TransportError::timeout);
  EXPECT_FALSE(second.status.sent);
  stop.request_stop();
}

TEST_P(TransportConformance, ReusesConnections) {
  auto& server =
      serve_each([](Connection& connection, const SeenRequest&) { connection.respond(200, "{}"); });
  const auto transport = connect();
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(transport->call(get(), kPatience, {}).ok());
  EXPECT_LT(server.connections(), 10);  // a connection may come back to the pool a moment after its response
}

TEST_P(TransportConformance, AKeptConnectionClosedByTheServerIsNoLastingHarm) {
  auto& server = serve([](Connection& connection) {
    connection.read_request();
    connection.respond(200, "{}");
    if (connection.index() == 1) {
      connection.cut();
      connection.signal_server();
    } else {
      connection.wait_for_peer_close(kPatience);
    }
  });
  const auto transport = connect();
  ASSERT_TRUE(transport->call(get(), kPatience, {}).ok());
  ASSERT_TRUE(server.wait_for_signals(1));
  const auto second = transport->call(post(std::string(1000, 'x')), kPatience, {});
  EXPECT_TRUE(second.ok() || second.status.error == TransportError::reset ||
              second.status.error == TransportError::eof)
      << to_string(second.status.error) << " " << second.status.detail;
  EXPECT_TRUE(second.ok() || transport->call(post(), kPatience, {}).ok());
}

/// The contract is at-least-once: cpprest itself sends the POST again (docs/runtime.md 1c), another library
/// may report it.
TEST_P(TransportConformance, AWriteMayBeReplayedOnAReusedConnection) {
  auto& server = serve([](Connection& connection) {
    while (const auto request = connection.read_request()) {
      if (request->method == "POST" && connection.index() == 1) return;  // executed, but never answered
      connection.respond(200, "{}");
    }
  });
  const auto transport = connect();
  ASSERT_TRUE(transport->call(get(), kPatience, {}).ok());
  const auto response = transport->call(post(), kPatience, {});
  EXPECT_TRUE(response.ok() || response.status.error == TransportError::eof) << response.status.detail;
  EXPECT_TRUE(response.status.sent);
  const auto seen = server.seen();
  const auto posts = std::ranges::count(seen, "POST", &SeenRequest::method);
  EXPECT_TRUE(posts == 1 || posts == 2) << posts;
}

TEST_P(TransportConformance, SentStaysTrueWhenTheReplayCannotConnect) {
  auto& server = serve([&](Connection& connection) {
    while (const auto request = connection.read_request()) {
      if (request->method == "POST") return server_->stop_listening();  // and close without an answer
      connection.respond(200, "{}");
    }
  });
  const auto transport = connect();
  ASSERT_TRUE(transport->call(get(), kPatience, {}).ok());
  const auto response = transport->call(post(), kPatience, {});
  EXPECT_NE(response.status.error, TransportError::none);
  EXPECT_TRUE(response.status.sent) << to_string(response.status.error);
  EXPECT_EQ(server.seen().size(), 2u);
}

TEST_P(TransportConformance, AFreshConnectionClosedBeforeTheStatusLineIsReportedAsSent) {
  auto& server = serve([](Connection& connection) { connection.read_request(); });
  const auto response = connect()->call(post(), kPatience, {});
  EXPECT_TRUE(response.status.error == TransportError::eof || response.status.error == TransportError::reset);
  EXPECT_TRUE(response.status.sent);
  EXPECT_EQ(server.seen().size(), 1u);
}

TEST_P(TransportConformance, ARefusedConnectionWasNotSent) {
  serve({});
  server_->stop_listening();
  const auto response = connect()->call(post(), kPatience, {});
  EXPECT_EQ(response.status.error, TransportError::connect) << response.status.detail;
  EXPECT_FALSE(response.status.sent);
}

TEST_P(TransportConformance, BadRequestsAndEndpointsAreReportedNotThrown) {
  serve_each([](Connection& connection, const SeenRequest&) { connection.respond(200, "{}"); });
  const auto transport = connect();
  EXPECT_EQ(transport->call(get("no-slash"), kPatience, {}).status.error, TransportError::protocol);
  EXPECT_EQ(transport->call(get("/with space\r\nX: y"), kPatience, {}).status.error,
            TransportError::protocol);
  EXPECT_EQ(server_->seen().size(), 0u);
  for (const char* url : {"", "ftp://host", "https://", "not a url", "https://host:99999999"}) {
    const auto nowhere = GetParam().make({url}, nullptr, {});
    const auto response = nowhere->call(get(), kPatience, {});
    EXPECT_NE(response.status.error, TransportError::none) << url;
    EXPECT_FALSE(response.status.sent) << url;
  }
}

}  // namespace seraphim::kubernetes::testing
