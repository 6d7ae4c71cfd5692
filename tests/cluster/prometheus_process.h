// A Prometheus of a test's own, with the jobs that it names: what it scrapes is up or down by nobody else's
// doing.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "child_process.h"
#include "kubernetes/temporary_folder.h"

namespace seraphim::cluster {

class PrometheusProcess {
 public:
  /// Job and HOST:PORT of each target; scraped every second. Throws when it does not come up.
  explicit PrometheusProcess(const std::vector<std::pair<std::string, std::string>>& jobs);
  ~PrometheusProcess();
  PrometheusProcess(const PrometheusProcess&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Waits until the last scrape of each target was a good one.
  ::testing::AssertionResult wait_until_all_are_up() const;
  /// Waits until the condition holds; it is asked again ten times in each scrape's time.
  ::testing::AssertionResult wait_until(const std::string& what,
                                        const std::function<bool()>& condition) const;

 private:
  const kubernetes::testing::TemporaryFolder folder_;
  const int port_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace seraphim::cluster
