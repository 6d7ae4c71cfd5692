#include "answers_under_way.h"

#include <gtest/gtest.h>

#include <future>

namespace seraphim::demo {
namespace {

using namespace std::chrono_literals;

TEST(AnswersUnderWay, NothingUnderWayIsQuiet) {
  AnswersUnderWay answers;
  EXPECT_TRUE(answers.wait_until_quiet(1ms, 10s));
  EXPECT_EQ(answers.count(), 0);
}

TEST(AnswersUnderWay, OneUnderWayIsWaitedFor) {
  AnswersUnderWay answers;
  answers.begin();
  answers.begin();
  auto quiet = std::async(std::launch::async, [&] { return answers.wait_until_quiet(1ms, 60s); });
  answers.end();
  EXPECT_EQ(quiet.wait_for(50ms), std::future_status::timeout);
  answers.end();
  EXPECT_TRUE(quiet.get());
}

TEST(AnswersUnderWay, OneThatBeginsMeanwhileIsWaitedForToo) {
  AnswersUnderWay answers;
  auto quiet = std::async(std::launch::async, [&] { return answers.wait_until_quiet(300ms, 60s); });
  answers.begin();
  EXPECT_EQ(quiet.wait_for(600ms), std::future_status::timeout);
  answers.end();
  EXPECT_TRUE(quiet.get());
}

TEST(AnswersUnderWay, PatienceEnds) {
  AnswersUnderWay answers;
  answers.begin();
  EXPECT_FALSE(answers.wait_until_quiet(1ms, 10ms));
  EXPECT_EQ(answers.count(), 1);
}

}  // namespace
}  // namespace seraphim::demo
