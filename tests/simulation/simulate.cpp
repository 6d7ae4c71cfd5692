// simulate --seed N --runs M: runs of the simulator, one seed each, beginning with N. See docs/testing.md.
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "simulation/campaign.h"

namespace {

namespace sim = seraphim::simulation;

struct Wishes {
  sim::Seed seed = 1;
  std::uint64_t runs = 1000;
  std::string bug, folder = "build/simulation";
  bool go_on = false, trace = false;
};

void save(const std::string& folder, const sim::Failure& failure, const std::string& text) {
  std::filesystem::create_directories(folder);
  const auto path = std::filesystem::path(folder) / ("seed-" + std::to_string(failure.seed) + ".txt");
  std::ofstream(path) << text;
  std::cout << "saved as " << path.string() << "\n";
}

int run(const Wishes& wishes) {
  sim::WorldOptions options{.bug = sim::bug_named(wishes.bug).value_or(sim::Bug::none),
                            .trace = wishes.trace};
  const auto began = std::chrono::steady_clock::now();
  sim::Tally sum;
  std::chrono::duration<double> simulated{};
  std::uint64_t runs = 0, broken = 0;
  std::map<std::string, std::vector<sim::Seed>> by_check;
  for (; runs < wishes.runs && (broken == 0 || wishes.go_on); ++runs) {
    const sim::Schedule schedule = sim::draw(wishes.seed + runs);
    const sim::Result result = sim::World(schedule, options).run();
    sum.rollouts += result.tally.rollouts;
    sum.promotions += result.tally.promotions;
    sum.rollbacks += result.tally.rollbacks;
    sum.false_rollbacks += result.tally.false_rollbacks;
    sum.verdicts += result.tally.verdicts;
    sum.recovered += result.tally.recovered;
    sum.writes += result.tally.writes;
    simulated += result.took;
    if (wishes.trace) {
      for (const auto& line : result.trace) std::cout << line << "\n";
    }
    if (!result.broken) continue;
    ++broken;
    by_check[result.broken->check].push_back(schedule.seed);
    if (wishes.go_on) continue;
    const sim::Failure failure = sim::shrink(schedule, *result.broken, options);
    const std::string text = sim::report_of(failure);
    std::cout << text;
    save(wishes.folder, failure, text);
  }
  for (const auto& [check, seeds] : by_check) {
    std::cout << check << ": " << seeds.size() << " runs, seeds";
    for (std::size_t i = 0; i < seeds.size() && i < 8; ++i) std::cout << " " << seeds[i];
    std::cout << "\n";
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::cout << "simulated " << simulated.count() / 3600 << " h in " << took.count() << " s: " << sum.rollouts
            << " rollouts, " << sum.promotions << " promotions, " << sum.rollbacks << " rollbacks, "
            << sum.false_rollbacks << " of them of a good revision by chance, " << sum.verdicts
            << " verifications, " << sum.recovered << " of them recovered, " << sum.writes << " writes\n";
  std::cout << "seeds " << wishes.seed << " to " << wishes.seed + runs - 1 << ": " << runs << " runs, "
            << broken << " broken invariants\n";
  return broken == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Wishes wishes;
  CLI::App app{"Simulated rollouts with faults, every invariant checked after every write"};
  app.add_option("--seed", wishes.seed, "the first seed; each run takes the next");
  app.add_option("--runs", wishes.runs, "how many runs");
  app.add_option("--planted", wishes.bug, "put a bug in, to see it found");
  app.add_option("--save", wishes.folder, "folder for the trace of a failure");
  app.add_flag("--go-on", wishes.go_on, "count failures instead of stopping at the first");
  app.add_flag("--trace", wishes.trace, "print what happens");
  CLI11_PARSE(app, argc, argv);
  if (!wishes.bug.empty() && !sim::bug_named(wishes.bug)) {
    std::cerr << "there is no planted bug " << wishes.bug << "; they are:";
    for (const auto& entry : sim::kBugs) std::cerr << " " << entry.name;
    std::cerr << "\n";
    return 2;
  }
  return run(wishes);
}
