#include "torch_serve_process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include "environment.h"
#include "kubernetes/transport_cpprest.h"

namespace seraphim::cluster {
namespace {

using namespace std::chrono_literals;

constexpr int kPorts = 5;  // inference, management, metrics, and two for gRPC

bool is_free(const std::string& host, int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  const bool free = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return free;
}

/// The first of five in a row that nobody listens on.
int free_ports(const std::string& host) {
  for (int first = 21'000 + static_cast<int>(getpid() % 500) * 10; first < 32'000; first += 10) {
    bool all = true;
    for (int i = 0; i < kPorts; ++i) all = all && is_free(host, first + i);
    if (all) return first;
  }
  throw std::runtime_error("no free ports for TorchServe");
}

std::filesystem::path prepared() {
  const char* folder = std::getenv("SERAPHIM_TORCHSERVE");
  if (folder == nullptr || *folder == '\0') {
    throw std::runtime_error(
        "SERAPHIM_TORCHSERVE is not set; run these tests with hack/test cluster, or set it to what "
        "hack/torchserve prints");
  }
  return folder;
}

std::filesystem::path new_folder() {
  std::string name = "/tmp/seraphim-torchserve-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  return name;
}

}  // namespace

TorchServeProcess::TorchServeProcess(Reach reach)
    : folder_(new_folder()),
      address_(reach == Reach::pods ? environment().host_for_pods : "127.0.0.1"),
      first_port_(free_ports(address_)) {
  const auto from = prepared();
  std::filesystem::copy(from / "store", store());
  std::ofstream(folder_ / "config.properties")
      << "inference_address=" << inference() << "\nmanagement_address=" << management()
      << "\nmetrics_address=" << metrics() << "\ngrpc_inference_port=" << first_port_ + 3
      << "\ngrpc_management_port=" << first_port_ + 4
      << "\nmetrics_mode=prometheus\nnumber_of_netty_threads=2\nnetty_client_threads=1\njob_queue_size=100\n"
         "disable_system_metrics=true\n";
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"/bin/sh", "-c", R"(cd "$1" && exec "$2" config.properties store)", "sh",
                               folder_.string(), (from / "start").string()},
      folder_ / "log");
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (ask(inference() + "/ping").find("Healthy") == std::string::npos) {
    if (process_->wait(100ms) || std::chrono::steady_clock::now() > end)
      throw std::runtime_error("TorchServe did not come up: " + log());
  }
}

TorchServeProcess::~TorchServeProcess() {
  process_->signal(SIGTERM);  // it ends its workers
  if (!process_->wait(15s)) process_->kill_and_wait();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string TorchServeProcess::url(int which) const {
  return "http://" + address_ + ":" + std::to_string(first_port_ + which);
}

std::string TorchServeProcess::log() const {
  return read_file(folder_ / "log");
}

std::string ask(const std::string& url, const std::string& post) {
  const auto slash = url.find('/', std::string("http://").size());
  const auto transport = kubernetes::make_cpprest_transport({url.substr(0, slash)}, nullptr, {});
  const auto answer = transport->call({.method = post.empty() ? "GET" : "POST",
                                       .target = url.substr(slash),
                                       .content_type = post.empty() ? "" : "text/plain",
                                       .body = post,
                                       .accept = "*/*"},
                                      10s, {});
  return std::to_string(answer.status.http) + " " + answer.body;
}

}  // namespace seraphim::cluster
