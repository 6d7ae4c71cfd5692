// Runtime rule 34. Each test runs in a process of its own: a signal to a process may reach any thread of it
// that does not block it, and other tests of this program leave some.
#include "kubernetes/signals.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <random>
#include <thread>

#include "kubernetes/clock.h"
#include "kubernetes/patience.h"

namespace seraphim::kubernetes {
namespace {

using testing::kPatience;
using namespace std::chrono_literals;

void send(int number) {
  kill(getpid(), number);
}

/// Exit codes of the processes: what failed, or 0.
[[noreturn]] void finish(int code) {
  std::_Exit(code);
}

void expect(bool holds, int code) {
  if (!holds) finish(code);
}

class ShutdownSignalsDeathTest : public ::testing::Test {
 protected:
  ShutdownSignalsDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

void tells_each_signal_once() {
  ShutdownSignals signals;
  expect(signals.wait_for(0ms) == std::nullopt, 1);
  send(SIGTERM);
  expect(signals.wait_for(kPatience) == SIGTERM, 2);
  expect(signals.wait_for(0ms) == std::nullopt, 3);
  send(SIGINT);
  expect(signals.wait_for(kPatience) == SIGINT, 4);
  send(SIGTERM);
  expect(signals.wait_for(kPatience) == SIGTERM, 5);
  finish(0);
}

TEST_F(ShutdownSignalsDeathTest, TellsEachSignalOnce) {
  EXPECT_EXIT(tells_each_signal_once(), ::testing::ExitedWithCode(0), "");
}

void tells_others_that_were_named() {
  ShutdownSignals signals({SIGUSR1});
  send(SIGUSR1);
  expect(signals.wait_for(kPatience) == SIGUSR1, 1);
  send(SIGTERM);
  expect(signals.wait_for(kPatience) == SIGTERM, 2);
  finish(0);
}

TEST_F(ShutdownSignalsDeathTest, TellsOthersThatWereNamed) {
  EXPECT_EXIT(tells_others_that_were_named(), ::testing::ExitedWithCode(0), "");
}

void waits_no_longer_than_asked() {
  ShutdownSignals signals;
  const auto start = system_clock().steady();
  expect(signals.wait_for(30ms) == std::nullopt, 1);
  const auto took = system_clock().steady() - start;
  expect(took >= 30ms && took < kPatience, 2);
  expect(signals.wait_for(-1h) == std::nullopt, 3);
  finish(0);
}

TEST_F(ShutdownSignalsDeathTest, WaitsNoLongerThanAsked) {
  EXPECT_EXIT(waits_no_longer_than_asked(), ::testing::ExitedWithCode(0), "");
}

void can_be_interrupted() {
  ShutdownSignals signals;
  std::jthread other([&] { signals.interrupt(); });
  expect(signals.wait_for(std::chrono::milliseconds::max()) == std::nullopt, 1);
  other.join();
  const auto start = system_clock().steady();
  expect(signals.wait_for(20ms) == std::nullopt, 2);
  expect(system_clock().steady() - start >= 20ms, 3);  // one interrupt, one wait
  signals.interrupt();
  send(SIGTERM);
  expect(signals.wait_for(kPatience) == SIGTERM, 4);  // a signal comes before an interrupt
  finish(0);
}

TEST_F(ShutdownSignalsDeathTest, CanBeInterrupted) {
  EXPECT_EXIT(can_be_interrupted(), ::testing::ExitedWithCode(0), "");
}

void survives_many(int count) {
  ShutdownSignals signals;
  std::atomic<bool> end = false;
  // Threads that were started after it, so that a signal could reach them if they did not block it.
  std::jthread busy([&] {
    while (!end) std::this_thread::yield();
  });
  std::jthread sender([&] {
    std::mt19937 random(1);
    for (int i = 0; i < count; ++i) {
      for (auto spin = random() % 2000; spin > 0; --spin) std::atomic_signal_fence(std::memory_order_seq_cst);
      send(i % 2 == 0 ? SIGTERM : SIGINT);
    }
    end = true;
    signals.interrupt();
  });
  int told = 0;
  while (!end) told += signals.wait_for(kPatience) ? 1 : 0;
  sender.join();
  while (signals.wait_for(0ms)) ++told;
  expect(told >= 2 && told <= count, 1);  // equal ones that wait together are one to the kernel
  finish(0);
}

TEST_F(ShutdownSignalsDeathTest, AThousandSignalsKillNothing) {
  EXPECT_EXIT(survives_many(1000), ::testing::ExitedWithCode(0), "");
}

void swallows_the_unread_and_gives_signals_back() {
  {
    ShutdownSignals signals;
    send(SIGTERM);
  }
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  expect(sigismember(&mask, SIGTERM) == 0 && sigismember(&mask, SIGINT) == 0, 1);
  finish(0);
}

TEST_F(ShutdownSignalsDeathTest, AnUnreadSignalDoesNotKillAtTheEnd) {
  EXPECT_EXIT(swallows_the_unread_and_gives_signals_back(), ::testing::ExitedWithCode(0), "");
}

void ignores_broken_pipes() {
  ShutdownSignals signals;
  int ends[2] = {-1, -1};  // NOLINT(modernize-avoid-c-arrays): socketpair wants one
  expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, 1);
  close(ends[1]);
  expect(write(ends[0], "x", 1) == -1 && errno == EPIPE, 2);
  finish(0);
}

TEST_F(ShutdownSignalsDeathTest, ABrokenPipeIsAnErrorOnly) {
  EXPECT_EXIT(ignores_broken_pipes(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace seraphim::kubernetes
