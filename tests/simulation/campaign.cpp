#include "simulation/campaign.h"

#include <algorithm>

namespace seraphim::simulation {

Failure shrink(Schedule schedule, const Broken& broken, WorldOptions options, int most_runs) {
  options.trace = false;
  int runs = 0;
  const auto still_breaks = [&](const Schedule& shorter) {
    ++runs;
    const Result result = World(shorter, options).run();
    return result.broken && result.broken->check == broken.check;
  };
  for (bool shorter = true; shorter && runs < most_runs;) {
    shorter = false;
    for (std::size_t i = schedule.actions.size(); i-- > 0 && runs < most_runs;) {
      Schedule without = schedule;
      without.actions.erase(without.actions.begin() + static_cast<std::ptrdiff_t>(i));
      if (!still_breaks(without)) continue;
      schedule = std::move(without);
      shorter = true;
    }
  }
  if (schedule.setup.lively) {
    Schedule calm = schedule;
    calm.setup.lively = false;
    if (still_breaks(calm)) schedule = std::move(calm);
  }
  options.trace = true;
  Result told = World(schedule, options).run();
  return {schedule.seed, told.broken.value_or(broken), std::move(schedule), std::move(told.trace)};
}

std::string report_of(const Failure& failure) {
  std::string text = "seed " + std::to_string(failure.seed) + ": broken: " + failure.broken.check + ": " +
                     failure.broken.what + "\n\nneeded for it:\n";
  for (const Action& action : failure.shortest.actions) {
    text += "  " + std::to_string(action.at.count()) + " ms  " + describe(action) + "\n";
  }
  const Setup& setup = failure.shortest.setup;
  text += "  (" + std::to_string(setup.replicas) + " replicas, interval " +
          std::to_string(setup.interval.count()) + " ms, scrape " + std::to_string(setup.scrape.count()) +
          " ms, " + (setup.own_route ? "own" : "user's") + " route" + (setup.elects ? ", election" : "") +
          (setup.lively ? ", others act during calls" : "") + ", faults end at " +
          std::to_string(failure.shortest.horizon.count()) + " ms)\n\nwhat happened:\n";
  for (const auto& line : failure.trace) text += line + "\n";
  return text;
}

}  // namespace seraphim::simulation
