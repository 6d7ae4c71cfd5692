// Cancelling at every point of an exchange: it returns, says so, closes the connection, and nothing is left
// running.
#include <condition_variable>
#include <latch>
#include <mutex>
#include <thread>
#include <utility>

#include "kubernetes/spin.h"
#include "kubernetes/transport_conformance.h"

namespace seraphim::kubernetes::testing {
namespace {

constexpr int kOffsets = 80;

/// A response of more than kOffsets * kStep bytes, cut at byte offsets that hit the head, chunk sizes, lines
/// and ends.
std::string response_text() {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 16; ++i) text += "c\r\n{\"line\":123}\r\n1\r\n\n\r\n";
  return text;
}

}  // namespace

TEST_P(TransportConformance, CancelAtManyOffsetsOfTheResponse) {
  const std::string text = response_text();
  ASSERT_GT(text.size(), static_cast<std::size_t>(kOffsets * 4));
  std::atomic<std::size_t> offset = 0;
  auto& server = serve([&](Connection& connection) {
    connection.read_request();
    connection.send(text.substr(0, offset));
    connection.signal_server();
    connection.wait_for_peer_close(kPatience);
    connection.signal_server();
  });
  const auto transport = connect();
  for (int i = 0; i < kOffsets; ++i) {
    offset = static_cast<std::size_t>(i) * 4;
    std::stop_source stop;
    CollectingSink sink;
    CallStatus status;
    std::jthread reader([&] { status = transport->stream(get(), kIdle, stop.get_token(), sink); });
    ASSERT_TRUE(server.wait_for_signals(2 * i + 1)) << i;
    stop.request_stop();
    reader.join();
    EXPECT_EQ(status.error, TransportError::cancelled) << "offset " << offset;
    EXPECT_TRUE(status.sent);
    ASSERT_TRUE(server.wait_for_signals(2 * i + 2)) << "the connection stayed open at offset " << offset;
  }
}

TEST_P(TransportConformance, CancelRacesWithTheWholeExchange) {
  serve_each([](Connection& connection, const SeenRequest&) { connection.respond(200, "{\"a\":1}\n"); });
  const auto transport = connect();
  for (int i = 0; i < 60; ++i) {
    std::stop_source stop;
    CollectingSink sink;
    std::jthread reader([&] {
      const auto status = transport->stream(get(), kIdle, stop.get_token(), sink);
      EXPECT_TRUE(status.error == TransportError::cancelled || status.error == TransportError::none)
          << status.detail;
    });
    spin_for(std::chrono::microseconds(i * 50));
    stop.request_stop();
  }
}

/// A close must not meet a read that is being started; with several threads in the transport it did, and
/// crashed.
TEST_P(TransportConformance, CancelWhileBytesKeepComing) {
  struct FirstLine : LineSink {
    std::latch came{1};
    bool first = true;
    Flow on_line(std::string_view) override {
      if (std::exchange(first, false)) came.count_down();
      return Flow::more;
    }
  };
  serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    while (connection.send("3\r\n{}\n\r\n")) {
    }
  });
  const auto transport = connect();
  for (int i = 0; i < 100; ++i) {
    std::stop_source stop;
    FirstLine sink;
    CallStatus status;
    std::jthread reader([&] { status = transport->stream(get(), kIdle, stop.get_token(), sink); });
    sink.came.wait();
    spin_for(std::chrono::microseconds(i * 3));
    stop.request_stop();
    reader.join();
    EXPECT_EQ(status.error, TransportError::cancelled) << i << ": " << status.detail;
  }
}

TEST_P(TransportConformance, CancelDuringTheHandshake) {
  auto& server = serve({}, {.identity = local_identity(), .handshake = false});
  const auto transport = connect();
  std::stop_source stop;
  Response response;
  std::jthread caller([&] { response = transport->call(post(), kPatience, stop.get_token()); });
  ASSERT_TRUE(server.wait_for_signals(1));
  stop.request_stop();
  caller.join();
  EXPECT_EQ(response.status.error, TransportError::cancelled);
}

TEST_P(TransportConformance, CancelAUnaryCall) {
  auto& server = serve_each([](Connection& connection, const SeenRequest&) {
    connection.signal_server();
    connection.wait_for_peer_close(kPatience);
  });
  const auto transport = connect();
  std::stop_source stop;
  Response response;
  std::jthread caller([&] { response = transport->call(post(), kPatience, stop.get_token()); });
  ASSERT_TRUE(server.wait_for_signals(1));
  stop.request_stop();
  caller.join();
  EXPECT_EQ(response.status.error, TransportError::cancelled);
  EXPECT_TRUE(response.status.sent);
}

TEST_P(TransportConformance, AStopBeforeTheStartSendsNothing) {
  auto& server =
      serve_each([](Connection& connection, const SeenRequest&) { connection.respond(200, "{}"); });
  std::stop_source stop;
  stop.request_stop();
  const auto transport = connect();
  const auto response = transport->call(post(), kPatience, stop.get_token());
  EXPECT_EQ(response.status.error, TransportError::cancelled);
  EXPECT_FALSE(response.status.sent);
  CollectingSink sink;
  EXPECT_EQ(transport->stream(get(), kIdle, stop.get_token(), sink).error, TransportError::cancelled);
  EXPECT_EQ(server.connections(), 0);
}

TEST_P(TransportConformance, CancelWhileTheServerIsThrottled) {
  struct HoldingSink : LineSink {
    std::stop_token stop;
    Flow on_line(std::string_view) override {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any never;
      never.wait(lock, stop, [] { return false; });
      return Flow::more;
    }
  };
  auto& server = serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    while (connection.chunk(std::string(8000, 'x') + "\n")) {
    }
  });
  const auto transport = connect();
  std::stop_source stop;
  HoldingSink sink;
  sink.stop = stop.get_token();
  CallStatus status;
  std::jthread reader([&] { status = transport->stream(get(), kIdle, stop.get_token(), sink); });
  ASSERT_TRUE(server.wait_until_stalled(kPatience));
  stop.request_stop();
  reader.join();
  EXPECT_EQ(status.error, TransportError::cancelled);
}

TEST_P(TransportConformance, DestroyedRightAfterManyStreamsWereStopped) {
  constexpr int kStreams = 6;
  auto& server = serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    connection.chunk("{}\n");
    connection.signal_server();
    while (connection.chunk("{}\n") && !connection.wait_for_peer_close(std::chrono::milliseconds(5))) {
    }
  });
  for (int round = 1; round <= 5; ++round) {
    auto transport = connect();
    std::stop_source stop;
    std::vector<std::jthread> readers;
    for (int i = 0; i < kStreams; ++i) {
      readers.emplace_back([&] {
        CollectingSink sink;
        EXPECT_EQ(transport->stream(get(), kIdle, stop.get_token(), sink).error, TransportError::cancelled);
      });
    }
    ASSERT_TRUE(server.wait_for_signals(round * kStreams));
    stop.request_stop();
    readers.clear();
    transport.reset();
  }
}

}  // namespace seraphim::kubernetes::testing
