// demo-load-generator: requests at a constant rate, and an honest count of what became of them.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "http_sender.h"
#include "load_options.h"
#include "status_endpoint.h"
#include "stop_signal.h"
#include "tally.h"
#include "worker_pool.h"

namespace seraphim::demo {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

/// Sleeps until `due`; false when asked to stop.
bool sleep_until(steady_clock::time_point due, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any nobody;
  std::unique_lock lock(mutex);
  nobody.wait_until(lock, stop, due, [] { return false; });
  return !stop.stop_requested();
}

/// Sends at the times that the rate says, whether or not earlier answers have come (an open loop). A request
/// whose time is past by more than `max_lag`, or for which no worker is free, is missed: a burst to catch up
/// would be a load that nobody asked for.
void run_schedule(const std::stop_token& stop, const LoadOptions& options, steady_clock::time_point start,
                  Tally& tally, WorkerPool& pool) {
  const std::chrono::duration<double> gap{1.0 / options.rate};
  const auto last =
      options.duration.count() > 0 ? options.duration / gap : std::numeric_limits<double>::infinity();
  for (double n = 0; n < last - 1e-9; ++n) {
    const auto due = start + std::chrono::duration_cast<steady_clock::duration>(n * gap);
    if (!sleep_until(due, stop)) return;
    if (steady_clock::now() - due > options.max_lag) {
      tally.missed(Missed::late);
    } else if (!pool.dispatch({due})) {
      tally.missed(Missed::busy);
    }
  }
}

/// One line of JSON, whatever bytes a server may have put in its headers.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// One run from the first request to the summary.
class LoadRun {
 public:
  explicit LoadRun(const LoadOptions& options) : options_(options) {}

  void run();

 private:
  void report_until_done();
  void report_second(std::int64_t second);
  Json totals() const;

  const LoadOptions& options_;
  const steady_clock::time_point start_ = steady_clock::now();
  Tally tally_{epoch_now()};
  std::atomic<bool> done_ = false;
  bool warned_ = false;
};

Json LoadRun::totals() const {
  auto json = tally_.full();
  const std::chrono::duration<double> elapsed = steady_clock::now() - start_;
  json["t"] = elapsed.count();
  json["at"] = epoch_now();
  json["rate"] = options_.rate;
  json["rate_kept"] = json["missed"] == 0;
  return json;
}

void LoadRun::report_second(std::int64_t second) {
  auto line = tally_.take_second(epoch_now());
  line["t"] = second;
  if (line["missed"] != 0 && !warned_) {
    warned_ = true;
    std::cerr << "cannot keep " << options_.rate << " requests per second: see 'missed'\n";
  }
  std::cout << text_of(line) << std::endl;
}

void LoadRun::report_until_done() {
  for (std::int64_t second = 1; !done_; ++second) {
    if (wait_for_stop_signal_until(start_ + std::chrono::seconds(second))) return;
    report_second(second);
  }
}

void LoadRun::run() {
  std::optional<StatusEndpoint> endpoint;
  if (options_.status_port) {
    endpoint.emplace(options_.status_address, *options_.status_port, tally_,
                     [this] { return text_of(totals()); });
  }
  std::optional<WorkerPool> pool;
  pool.emplace(options_.workers, [this]() -> WorkerPool::Send {
    return [sender = std::make_shared<HttpSender>(options_, tally_)](const Ticket& ticket) {
      sender->send(ticket);
    };
  });
  {
    const std::jthread schedule([&](const std::stop_token& stop) {
      run_schedule(stop, options_, start_, tally_, *pool);
      done_ = true;
    });
    report_until_done();
  }  // stops the schedule and waits for it
  const auto connections = pool->size();
  pool.reset();  // waits for the answers still due, each at most two timeouts
  auto summary = totals();
  summary["summary"] = true;
  summary["workers_used"] = connections;
  std::cout << text_of(summary) << std::endl;
}

}  // namespace
}  // namespace seraphim::demo

int main(int argc, char** argv) {
  seraphim::demo::hold_stop_signals();
  CLI::App app{"Sends requests at a constant rate and counts every failure that a client sees."};
  seraphim::demo::LoadOptions options;
  seraphim::demo::declare(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    seraphim::demo::LoadRun(options).run();
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
