// One line a message, whatever the message says.
#include "operator/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace seraphim::op {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

/// What the call writes on stderr.
template <typename Call>
std::string written(const std::string& level, LogFormat format, Call call) {
  const auto logger = make_logger(level, format);
  ::testing::internal::CaptureStderr();
  call(*logger);
  return ::testing::internal::GetCapturedStderr();
}

TEST(Logging, JsonHasTimeLevelAndMessage) {
  const auto text = written("info", LogFormat::json, [](auto& log) { log.warn("{} of {}", 1, 2); });
  const json line = json::parse(text);
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["message"], "1 of 2");
  EXPECT_THAT(line["time"].get<std::string>(), MatchesRegex("20..-..-..T..:..:.*Z"));
  EXPECT_EQ(line.size(), 3u);
}

TEST(Logging, NoMessageForgesAJsonLine) {
  const std::string messages[] = {"a \"quote\"",
                                  "two\nlines",
                                  R"(","level":"critical","x":")",
                                  "back\\slash",
                                  std::string("nul\0byte", 8),
                                  "tab\t\r",
                                  "{} %v"};
  for (const auto& message : messages) {
    SCOPED_TRACE(message);
    const auto text = written("info", LogFormat::json, [&](auto& log) { log.info("{}", message); });
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_EQ(text.back(), '\n');
    const json line = json::parse(text);
    EXPECT_EQ(line["message"], message);
    EXPECT_EQ(line["level"], "info");
  }
}

TEST(Logging, BytesThatAreNotUtf8AreReplaced) {
  const auto text = written("info", LogFormat::json, [](auto& log) { log.info("{}", "a\xFFz"); });
  EXPECT_EQ(json::parse(text)["message"], "a\xEF\xBF\xBDz");
}

TEST(Logging, TextHasTimeLevelAndMessage) {
  EXPECT_THAT(written("info", LogFormat::text, [](auto& log) { log.info("hello"); }),
              MatchesRegex("20..-..-..T..:..:......Z info  hello\n"));
}

TEST(Logging, LessThanTheLevelIsNotWritten) {
  EXPECT_EQ(written("warn", LogFormat::json, [](auto& log) { log.info("hello"); }), "");
  EXPECT_THAT(written("debug", LogFormat::text, [](auto& log) { log.debug("hello"); }), HasSubstr("hello"));
}

TEST(Logging, TheLevelChangesWhileItRuns) {
  const auto text = written("info", LogFormat::text, [](auto& log) {
    log.debug("too early");
    change_verbosity(log, true);
    log.debug("in time");
    change_verbosity(log, false);
    log.debug("too late");
  });
  EXPECT_THAT(text, HasSubstr("the log level is debug now"));
  EXPECT_THAT(text, HasSubstr("in time"));
  EXPECT_THAT(text, HasSubstr("the log level is info now"));
  EXPECT_THAT(text, Not(HasSubstr("too ")));
}

TEST(Logging, TheLevelStaysBetweenTraceAndErrorAndIsAlwaysSaid) {
  const auto quiet = written("error", LogFormat::text, [](auto& log) { change_verbosity(log, false); });
  EXPECT_THAT(quiet, HasSubstr("the log level is error now"));
  const auto loud = written("trace", LogFormat::text, [](auto& log) { change_verbosity(log, true); });
  EXPECT_THAT(loud, HasSubstr("the log level is trace now"));
}

}  // namespace
}  // namespace seraphim::op
