// One worker's connection to the router.
#pragma once

#include <chrono>
#include <memory>

#include "load_options.h"
#include "tally.h"
#include "worker_pool.h"

namespace httplib {
class Client;
class Result;
}  // namespace httplib

namespace seraphim::demo {

/// Wall-clock now.
EpochMs epoch_now();

/// Sends requests one after the other and books every one as it went. Nothing is retried and no redirect
/// followed: what a caller without a retry would have seen is what is counted. For one thread.
class HttpSender {
 public:
  HttpSender(const LoadOptions& options, Tally& tally);
  ~HttpSender();

  void send(const Ticket& ticket);

 private:
  httplib::Result exchange();

  const LoadOptions& options_;
  Tally& tally_;
  std::unique_ptr<httplib::Client> client_;
  std::chrono::steady_clock::time_point last_used_;
};

}  // namespace seraphim::demo
