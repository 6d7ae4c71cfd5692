// The pure parts a transport is made of.
#include <gtest/gtest.h>

#include <cerrno>
#include <random>
#include <vector>

#include "kubernetes/base64.h"
#include "kubernetes/call_slots.h"
#include "kubernetes/cpprest_failure.h"
#include "kubernetes/exchange.h"
#include "kubernetes/line_splitter.h"
#include "kubernetes/retry_after.h"

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

TEST(RetryAfter, ReadsSecondsAndDates) {
  const auto now = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(now.time_since_epoch(), 784111777s);
  EXPECT_EQ(parse_retry_after("0", now), 0ms);
  EXPECT_EQ(parse_retry_after("120", now), 120'000ms);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now), 60'000ms);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), 0ms);
}

TEST(RetryAfter, RefusesEverythingElse) {
  for (const char* text : {"", "-1", "1.5", "1s", "99999999999999999999", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nox 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"}) {
    EXPECT_EQ(parse_retry_after(text, {}), std::nullopt) << text;
  }
}

TEST(LineSplitter, TheCutsDoNotMatter) {
  const std::string text = "one\n\ntwo\nthree and more\n\n\nlast\nrest";
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    LineSplitter splitter(100);
    Lines lines;
    for (std::size_t at = 0; at < text.size();) {
      const auto size = std::uniform_int_distribution<std::size_t>(1, 9)(random);
      EXPECT_EQ(splitter.feed(std::string_view(text).substr(at, size),
                              [&](std::string_view line) {
                                lines.emplace_back(line);
                                return true;
                              }),
                LineSplitter::Result::more);
      at += size;
    }
    EXPECT_EQ(lines, (Lines{"one", "two", "three and more", "last"}));
    EXPECT_EQ(splitter.rest(), "rest");
  }
}

TEST(LineSplitter, StopsAndLimits) {
  LineSplitter splitter(4);
  const auto stop = [](std::string_view) { return false; };
  const auto more = [](std::string_view) { return true; };
  EXPECT_EQ(splitter.feed("1234\n", more), LineSplitter::Result::more);
  EXPECT_EQ(splitter.feed("1\n2\n", stop), LineSplitter::Result::stopped);
  EXPECT_EQ(splitter.feed("12345", more), LineSplitter::Result::too_long);
}

TEST(Base64, DecodesAndRefuses) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v\nYmFy\n"), "foobar");
  EXPECT_EQ(decode_base64("/+8="), "\xff\xef");
  for (const char* text : {"Zg", "Zg=", "Z===", "Zm9v!", "Zg==Zg==", "="})
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
}

/// The texts and codes of cpprestsdk 2.10.18; when the library changes, this says so.
TEST(CpprestFailure, IsReadFromOperationAndCode) {
  struct Case {
    long code;
    const char* text;
    TransportError error;
    bool before_sending;
  };
  for (const auto& [code, text, error, before_sending] : std::vector<Case>{
           {EHOSTUNREACH, "Failed to connect to any resolved endpoint", TransportError::connect, true},
           {1, "Error resolving address", TransportError::connect, true},
           {ETIMEDOUT, "Failed to connect to any resolved endpoint", TransportError::timeout, true},
           {0x0A000086, "Error in SSL handshake", TransportError::tls, true},
           {1, "Error in SSL handshake", TransportError::tls, true},
           {0x0A00045C, "Failed to read HTTP status line", TransportError::tls, false},
           {EPIPE, "Failed to write request body", TransportError::reset, false},
           {EHOSTUNREACH, "Failed to write request headers", TransportError::reset, false},
           {1, "Failed to read chunked response part", TransportError::eof, false},
           {1, "Retrieving message chunk header", TransportError::eof, false},
           {0, "Invalid chunked response header", TransportError::protocol, false},
           {ECANCELED, "Operation canceled", TransportError::cancelled, false}}) {
    const auto failure = classify_cpprest_failure(code, text);
    EXPECT_EQ(failure.error, error) << text;
    EXPECT_EQ(failure.before_sending, before_sending) << text;
    EXPECT_TRUE(failure.detail.starts_with(text));
  }
}

TEST(Exchange, MakesTheNetworkWaitAboveItsCapacity) {
  Exchange exchange(10, nullptr);
  exchange.set_head(200, std::nullopt);
  int resumed = 0;
  const auto resume = [&] { ++resumed; };
  EXPECT_TRUE(exchange.put("12345", resume));
  EXPECT_FALSE(exchange.put("67890x", resume));
  EXPECT_EQ(exchange.take(), "1234567890x");
  EXPECT_EQ(resumed, 1);
  EXPECT_FALSE(exchange.put("12345678901", resume));
  exchange.discard();
  EXPECT_EQ(resumed, 2);
  EXPECT_TRUE(exchange.put("12345678901", resume));
  EXPECT_EQ(exchange.take(), "");
}

TEST(Exchange, BytesComeBeforeTheEnd) {
  Exchange exchange(10, nullptr);
  exchange.set_head(200, std::nullopt);
  exchange.put("x", [] {});
  exchange.finish(TransportError::none, {}, true);
  const auto late = Exchange::Clock::now() + 10s;
  EXPECT_EQ(exchange.wait(late, {}, 5), Exchange::Wake::data);
  exchange.take();
  EXPECT_EQ(exchange.wait(late, {}, 5), Exchange::Wake::finished);
}

TEST(CallSlots, AreGivenBack) {
  const auto slots = std::make_shared<CallSlots>(1);
  const auto past = Exchange::Clock::now();
  auto first = slots->acquire(past, {});
  EXPECT_TRUE(first);
  EXPECT_FALSE(slots->acquire(past, {}));
  first.reset();
  EXPECT_TRUE(slots->acquire(past, {}));
}

}  // namespace
}  // namespace seraphim::kubernetes
