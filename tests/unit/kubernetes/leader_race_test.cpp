// Runtime rule 17: candidates that get in each other's way in every order, with clocks that disagree, pauses,
// lost requests and lost answers. At no instant may two of them believe that they lead.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kubernetes/fake_lease_server.h"
#include "kubernetes/leader_election.h"

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::FakeLeaseServer;
using testing::Fault;

/// The one true time of a world.
struct Time {
  milliseconds now{};
};

/// A machine's clocks: its steady one began at another moment, its wall clock is wrong.
class MachineClock final : public Clock {
 public:
  MachineClock(const Time& time, milliseconds began, milliseconds skew)
      : time_(time), began_(began), skew_(skew) {}
  SteadyTime steady() const override { return SteadyTime(began_ + time_.now); }
  WallTime wall() const override { return WallTime(1'795'537'053s + time_.now + skew_); }

 private:
  const Time& time_;
  const milliseconds began_, skew_;
};

class World {
 public:
  World(int candidates, unsigned seed) : random_(seed) {
    const milliseconds skews[] = {0h, 1h, -1h};  // NOLINT(modernize-avoid-c-arrays)
    for (int i = 0; i < candidates; ++i) {
      machines_.push_back(std::make_unique<Machine>(*this, i, skews[i % 3]));
    }
    server_.set_fault([this](const Request&) { return fault(); });
    server_.set_interloper([this](const Request&) { interfere(); });
  }

  void run_for(milliseconds time, bool faults) {
    faults_ = faults;
    for (const auto end = time_.now + time; time_.now < end;) {
      auto next = end;
      for (auto& machine : machines_) {
        if (machine->next <= time_.now) step(*machine);
        next = std::min(next, machine->next);
      }
      pass(std::max(next - time_.now, 1ms));
    }
  }

  std::size_t leaders() const {
    return static_cast<std::size_t>(std::count_if(
        machines_.begin(), machines_.end(),
        [](const auto& machine) { return machine->elector->leading(machine->clock.steady()); }));
  }
  int changes() const { return changes_; }
  bool two_at_once() const { return two_at_once_; }

 private:
  struct Machine {
    Machine(World& world, int number, milliseconds skew)
        : name("candidate-" + std::to_string(number)),
          clock(world.time_, std::chrono::hours(100 + 37 * number), skew),
          client(world.server_, {.timeout = 5s}) {
      start(world);
    }
    void start(World& world) {
      identity = name + "-" + std::to_string(++starts);
      elector = std::make_unique<LeaderElector>(
          LeaderElectionOptions{.lease = {"ns", "lease"}, .identity = identity}, client, clock,
          [&world] { return world.chance(); });
    }

    const std::string name;
    const MachineClock clock;
    ApiClient client;
    int starts = 0;
    std::string identity;
    std::unique_ptr<LeaderElector> elector;
    milliseconds next{};
    bool stepping = false, was_leading = false;
  };

  double chance() { return std::uniform_real_distribution<>(0, 1)(random_); }
  milliseconds up_to(milliseconds most) {
    return milliseconds(static_cast<milliseconds::rep>(chance() * static_cast<double>(most.count())));
  }

  void step(Machine& machine) {
    if (machine.stepping) return;
    machine.stepping = true;
    if (machine.elector->lost(machine.clock.steady())) machine.start(*this);  // a new process
    auto pause = machine.elector->step({});
    if (faults_ && chance() < 0.03) pause += up_to(60s);  // SIGSTOP, swapping, a debugger
    if (faults_ && chance() < 0.01) {
      machine.elector->release({});
      machine.start(*this);
    }
    machine.next = time_.now + pause;
    machine.stepping = false;
    check();
  }

  /// Between a client's sending and the server's acting.
  void interfere() {
    if (depth_ >= 2) return;
    ++depth_;
    if (faults_ && chance() < 0.3) pass(up_to(faults_ && chance() < 0.1 ? 12s : 300ms));
    if (chance() < 0.3)
      step(*machines_[static_cast<std::size_t>(chance() * static_cast<double>(machines_.size()))]);
    --depth_;
  }

  Fault fault() {
    if (!faults_) return {};
    const double what = chance();
    if (what < 0.08) return {.before = TransportError::timeout};
    if (what < 0.16) return {.after = TransportError::timeout};
    if (what < 0.20) return {.after = TransportError::eof};
    return {};
  }

  void pass(milliseconds time) {
    time_.now += time;
    check();
  }

  /// Time alone ends leads and begins none, so looking after every step and every passing of time misses
  /// nothing.
  void check() {
    if (leaders() > 1) two_at_once_ = true;
    for (auto& machine : machines_) {
      const bool leads = machine->elector->leading(machine->clock.steady());
      if (leads && !machine->was_leading) ++changes_;
      machine->was_leading = leads;
    }
  }

  std::mt19937 random_;
  Time time_;
  FakeLeaseServer server_;
  std::vector<std::unique_ptr<Machine>> machines_;
  bool faults_ = false, two_at_once_ = false;
  int depth_ = 0, changes_ = 0;
};

class LeaderRace : public ::testing::TestWithParam<int> {};

TEST_P(LeaderRace, NeverTwoAtOnceAndOneInTheEnd) {
  int changes = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    World world(GetParam(), seed);
    world.run_for(2min, true);
    world.run_for(60s, false);  // the longest pause that may have begun
    world.run_for(40s, false);
    ASSERT_FALSE(world.two_at_once()) << "seed " << seed;
    EXPECT_EQ(world.leaders(), 1u) << "seed " << seed;
    changes += world.changes();
  }
  EXPECT_GT(changes, 200) << "too quiet to show anything";
}

INSTANTIATE_TEST_SUITE_P(Candidates, LeaderRace, ::testing::Values(2, 3),
                         [](const auto& suite) { return std::to_string(suite.param); });

}  // namespace
}  // namespace seraphim::kubernetes
