// Streams of lines: ends, cuts, idle time, back-pressure.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "kubernetes/transport_conformance.h"

namespace seraphim::kubernetes::testing {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

/// Holds the first line until it is let go, then counts.
class BlockingSink final : public LineSink {
 public:
  Flow on_line(std::string_view line) override {
    std::unique_lock lock(mutex_);
    released_.wait(lock, [this] { return open_; });
    bytes += line.size();
    return Flow::more;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    released_.notify_all();
  }

  std::size_t bytes = 0;

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  bool open_ = false;
};

}  // namespace

TEST_P(TransportConformance, StreamDeliversWholeLinesWhateverTheChunks) {
  auto& server = serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    for (const char* piece : {"{\"a\"", ":1}\n{\"b\":2}\n{\"c", "\":3}", "\n", "\n\n{\"d\":4}\n"})
      connection.chunk(piece);
    connection.end_stream();
  });
  CollectingSink sink;
  const auto status = connect()->stream(get("/watch?watch=true"), kIdle, {}, sink);
  EXPECT_EQ(status.error, TransportError::none) << status.detail;
  EXPECT_EQ(status.http, 200);
  EXPECT_EQ(sink.lines, (Lines{R"({"a":1})", R"({"b":2})", R"({"c":3})", R"({"d":4})"}));
  EXPECT_EQ(server.seen().front().headers.at("authorization"), "Bearer secret-token");
  EXPECT_EQ(server.seen().front().headers.at("accept-encoding"), "identity");
}

TEST_P(TransportConformance, AGoneEventInTheStreamIsJustALine) {
  const std::string gone = R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}})";
  serve([&](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    connection.chunk(gone + "\n");
    connection.end_stream();
  });
  CollectingSink sink;
  EXPECT_EQ(connect()->stream(get(), kIdle, {}, sink).error, TransportError::none);
  EXPECT_EQ(sink.lines, Lines{gone});
}

TEST_P(TransportConformance, ACutBetweenChunksIsNotACleanEnd) {
  serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    connection.chunk("{\"a\":1}\n");
  });
  CollectingSink sink;
  const auto status = connect()->stream(get(), kIdle, {}, sink);
  EXPECT_EQ(status.error, TransportError::eof) << status.detail;
  EXPECT_EQ(status.http, 200);
  EXPECT_EQ(sink.lines, Lines{R"({"a":1})"});
}

TEST_P(TransportConformance, ACutInsideAChunkIsNotACleanEnd) {
  serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    connection.chunk("{\"a\":1}\n");
    connection.send("40\r\n{\"b\":2}\n");
  });
  CollectingSink sink;
  EXPECT_EQ(connect()->stream(get(), kIdle, {}, sink).error, TransportError::eof);
  ASSERT_GE(sink.lines.size(), 1u);
  EXPECT_EQ(sink.lines.front(), R"({"a":1})");
}

TEST_P(TransportConformance, AResetIsReported) {
  serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    connection.reset();
  });
  CollectingSink sink;
  const auto status = connect()->stream(get(), kIdle, {}, sink);
  EXPECT_TRUE(status.error == TransportError::reset || status.error == TransportError::eof)
      << to_string(status.error);
}

TEST_P(TransportConformance, AnEndInsideALineIsReportedAndTheRestNotDelivered) {
  serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    connection.chunk("{\"a\":1}\n{\"b\"");
    connection.end_stream();
  });
  CollectingSink sink;
  EXPECT_EQ(connect()->stream(get(), kIdle, {}, sink).error, TransportError::eof);
  EXPECT_EQ(sink.lines, Lines{R"({"a":1})"});
}

TEST_P(TransportConformance, ARefusedStreamCarriesTheStatusObject) {
  const std::string body = R"({"kind":"Status","code":422,"reason":"Invalid"})";
  serve_each([&](Connection& connection, const SeenRequest&) {
    connection.respond(422, body + "\n", "Retry-After: 1\r\n");
  });
  CollectingSink sink;
  const auto status = connect()->stream(get(), kIdle, {}, sink);
  EXPECT_EQ(status.error, TransportError::none);
  EXPECT_EQ(status.http, 422);
  EXPECT_EQ(status.detail, body + "\n");
  EXPECT_EQ(status.retry_after, 1000ms);
  EXPECT_TRUE(sink.lines.empty());
}

TEST_P(TransportConformance, SilenceEndsTheStreamAfterTheIdleTime) {
  for (const bool with_head : {false, true}) {
    serve([with_head](Connection& connection) {
      connection.read_request();
      if (with_head) {
        connection.begin_stream();
        connection.chunk("{}\n");
      }
      connection.wait_for_peer_close(kPatience);
    });
    CollectingSink sink;
    const auto status = connect()->stream(get(), 1s, {}, sink);
    EXPECT_EQ(status.error, TransportError::timeout) << with_head;
    EXPECT_EQ(sink.lines.size(), with_head ? 1u : 0u);
  }
}

TEST_P(TransportConformance, EveryByteRestartsTheIdleTime) {
  serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    for (int i = 0; i < 5; ++i) {  // 1.5 s in total with an idle time of 1 s
      connection.chunk("{}\n");
      connection.wait_for_peer_close(300ms);
    }
    connection.end_stream();
  });
  CollectingSink sink;
  EXPECT_EQ(connect()->stream(get(), 1s, {}, sink).error, TransportError::none);
  EXPECT_EQ(sink.lines.size(), 5u);
}

TEST_P(TransportConformance, TheSinkCanStopTheStream) {
  auto& server = serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    connection.chunk("1\n2\n3\n");
    if (connection.wait_for_peer_close(kPatience)) connection.signal_server();
  });
  CollectingSink sink(2);
  EXPECT_EQ(connect()->stream(get(), kIdle, {}, sink).error, TransportError::cancelled);
  EXPECT_EQ(sink.lines, (Lines{"1", "2"}));
  EXPECT_TRUE(server.wait_for_signals(1)) << "the connection stayed open";
}

TEST_P(TransportConformance, AnExceptionOfTheSinkEndsTheStream) {
  struct : LineSink {
    Flow on_line(std::string_view) override { throw std::runtime_error("boom"); }
  } sink;
  serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    connection.chunk("1\n");
    connection.wait_for_peer_close(kPatience);
  });
  const auto status = connect()->stream(get(), kIdle, {}, sink);
  EXPECT_EQ(status.error, TransportError::protocol);
  EXPECT_NE(status.detail.find("boom"), std::string::npos);
}

TEST_P(TransportConformance, ALineAboveTheLimitIsRefused) {
  serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    while (connection.chunk(std::string(1000, 'x'))) {
    }
  });
  CollectingSink sink;
  const auto transport = connect({.ca_pem = authority().certificate_pem()}, "", {.max_line = 10'000});
  EXPECT_EQ(transport->stream(get(), kIdle, {}, sink).error, TransportError::too_large);
}

TEST_P(TransportConformance, ASlowSinkThrottlesTheServerInsteadOfBuffering) {
  constexpr std::size_t kTotal = 64u << 20, kLine = 8u << 10;
  auto& server = serve([](Connection& connection) {
    connection.read_request();
    connection.begin_stream();
    const std::string line = std::string(kLine - 1, 'x') + "\n";
    for (std::size_t sent = 0; sent < kTotal && connection.chunk(line); sent += kLine) {
    }
    connection.end_stream();
  });
  BlockingSink sink;
  CallStatus status;
  const auto transport = connect();
  std::jthread reader([&] { status = transport->stream(get(), kIdle, {}, sink); });
  EXPECT_TRUE(server.wait_until_stalled(kPatience));
  EXPECT_LT(server.bytes_sent(), kTotal / 2);  // only what the socket buffers of the kernel hold
  sink.release();
  reader.join();
  EXPECT_EQ(status.error, TransportError::none) << status.detail;
  EXPECT_EQ(sink.bytes, kTotal / kLine * (kLine - 1));
}

}  // namespace seraphim::kubernetes::testing
