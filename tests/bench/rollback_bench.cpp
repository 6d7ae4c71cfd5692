// How fast a bad revision is gone: from the first failed response that a client got to weight 0 in the
// HTTPRoute.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "api/time.h"
#include "audit_log.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using Milliseconds = std::chrono::duration<double, std::milli>;
using Moment = std::chrono::system_clock::time_point;
using namespace std::chrono_literals;

struct Scenario {
  int runs = 5;
  int weight = 20;                   ///< percent, of the first step
  double rate = 50;                  ///< requests per second through the router
  std::string failure_rate = "0.2";  ///< of the bad revision
};

struct Measured {
  Milliseconds to_zero{};   ///< first failed response to weight 0 stored by the API server
  Milliseconds to_write{};  ///< the operator's decision to the arrival of its write
  std::int64_t bad = 0;     ///< failed responses of the candidate, all in all
  std::string why;
};

void must(const ::testing::AssertionResult& result) {
  if (!result) throw std::runtime_error(result.message());
}

Moment decision_in(const std::string& log) {
  std::istringstream lines(log);
  std::optional<api::Time> found;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(": decided: set weight 0%") != std::string::npos) {
      found = api::parse_time(line.substr(0, line.find(' '))).value();  // an ill-formed time throws
    }
  }
  if (!found) throw std::runtime_error("the operator's log has no decision for weight 0%");
  return *found;
}

/// The last write of the route in which the candidate's backend gets nothing.
AuditedWrite zero_write(const AuditLog& audit, const World& world) {
  const auto writes = audit.writes(world.name());
  const auto last = std::find_if(writes.rbegin(), writes.rend(), [](const AuditedWrite& write) {
    return write.resource == "httproutes" && write.code < 300 &&
           write.body.find(R"("value":0)") != std::string::npos;
  });
  if (last != writes.rend()) return *last;
  throw std::runtime_error("the audit log has no write of weight 0");
}

Measured run(const Scenario& scenario) {
  World world;
  const AuditLog audit;
  world.apply_route();
  const Operator running(world);
  DeploymentManifest manifest{
      .model = {.version = "v1"},
      .steps = nlohmann::json::array({{{"weight", scenario.weight}, {"hold", "60s"}}, {{"weight", 90}}})};
  world.apply(manifest);
  must(world.wait_for_phase(Phase::stable));
  const Load load(world, scenario.rate);
  must(load.wait_for_answers(static_cast<std::int64_t>(10 * scenario.rate)));
  manifest.model = {.version = "v2", .failure_rate = scenario.failure_rate};
  world.apply(manifest);
  must(world.wait_for_phase(Phase::rolled_back, "web", 180s));
  must(load.wait_until_silent("v2"));

  const auto seen = load.status();
  const Moment failed{std::chrono::milliseconds(seen["first_failure_at"]["v2"].get<std::int64_t>())};
  const auto write = zero_write(audit, world);
  return {.to_zero = write.done - failed,
          .to_write = write.received - decision_in(running.log()),
          .bad = seen["by_version"]["v2"]["failed"].get<std::int64_t>(),
          .why = world.status().last_rollback->message};
}

template <class Of>
double median(std::vector<Measured> all, Of of) {
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return of(a) < of(b); });
  const auto middle = all.size() / 2;
  return all.size() % 2 == 1 ? of(all[middle]) : (of(all[middle - 1]) + of(all[middle])) / 2;
}

void report(const Scenario& scenario) {
  fmt::print(
      "{} rollbacks: first step {} %, {} requests/s, {} of the candidate's answers fail, scrape and interval "
      "1 s\n",
      scenario.runs, scenario.weight, scenario.rate, scenario.failure_rate);
  fmt::print("run     first failure to weight 0  decision to write  bad responses  why\n");
  constexpr auto kLine = "{:<6} {:>24.2f} s  {:>14.0f} ms  {:>13}  {}\n";
  std::vector<Measured> all;
  for (int i = 1; i <= scenario.runs; ++i) {
    const auto m = all.emplace_back(run(scenario));
    fmt::print(kLine, i, m.to_zero.count() / 1000, m.to_write.count(), m.bad, m.why);
    (void)std::fflush(stdout);
  }
  fmt::print(kLine, "median", median(all, [](const Measured& m) { return m.to_zero.count() / 1000; }),
             median(all, [](const Measured& m) { return m.to_write.count(); }),
             median(all, [](const Measured& m) { return static_cast<double>(m.bad); }), "");
}

}  // namespace
}  // namespace seraphim::cluster

int main(int argc, char** argv) {
  seraphim::cluster::Scenario scenario;
  CLI::App app{"Rolls back bad revisions on the cluster that is up, and says how long it took."};
  app.add_option("--runs", scenario.runs, "Rollbacks")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--weight", scenario.weight, "Percent of the first step")
      ->check(CLI::Range(1, 89))
      ->capture_default_str();
  app.add_option("--rate", scenario.rate, "Requests per second")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--failure-rate", scenario.failure_rate, "Share of the bad revision's failures")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    seraphim::cluster::report(scenario);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
