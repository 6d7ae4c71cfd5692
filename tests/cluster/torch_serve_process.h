// A real TorchServe on this machine, as hack/torchserve has prepared it.
#pragma once

#include <filesystem>
#include <string>

#include "child_process.h"

namespace seraphim::cluster {

class TorchServeProcess {
 public:
  enum class Reach { this_host, pods };
  /// Starts one on free ports and waits until it answers: on loopback, or where pods reach this host.
  /// Throws std::runtime_error that says what is missing.
  explicit TorchServeProcess(Reach reach = Reach::this_host);
  ~TorchServeProcess();

  std::string management() const { return url(1); }
  std::string inference() const { return url(0); }
  std::string metrics() const { return url(2); }
  /// Its model store: a copy of its own.
  std::filesystem::path store() const { return folder_ / "store"; }
  std::string log() const;

 private:
  std::string url(int which) const;

  std::filesystem::path folder_;
  std::string address_;
  int first_port_;
  std::unique_ptr<ChildProcess> process_;
};

/// The body of the answer to a GET or POST, with its status: "200 {...}".
std::string ask(const std::string& url, const std::string& post = {});

}  // namespace seraphim::cluster
