// kubectl-seraphim: the real surroundings.
#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>

#include "cli/program.h"
#include "cli/version.h"
#include "kubernetes/clock.h"
#include "kubernetes/in_cluster.h"
#include "kubernetes/kubeconfig.h"
#include "kubernetes/transport_cpprest.h"

namespace {

using namespace seraphim;

constexpr std::chrono::minutes kLongestLogin{2};  // somebody may have to confirm it in a browser

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

kubernetes::TransportLimits limits() {
  kubernetes::TransportLimits limits;
  limits.user_agent = cli::kUserAgent;
  return limits;
}

/// A kubeconfig that is named first; in a pod, its service account; else the usual kubeconfig.
tl::expected<kubernetes::ClusterAccess, std::string> find_cluster(const cli::ClusterChoice& choice) {
  const auto steady = [] { return kubernetes::system_clock().steady(); };
  const kubernetes::HelperRules helpers{
      .clock = &kubernetes::system_clock(), .longest = kLongestLogin, .terminal = isatty(STDIN_FILENO) == 1};
  if (!choice.kubeconfig.empty())
    return kubernetes::load_kubeconfig(choice.kubeconfig, choice.context, steady, helpers);
  const std::string host = environment("KUBERNETES_SERVICE_HOST"), named = environment("KUBECONFIG");
  if (!host.empty() && named.empty())
    return kubernetes::load_in_cluster({.host = host, .port = environment("KUBERNETES_SERVICE_PORT")},
                                       steady);
  return kubernetes::find_kubeconfig(named, environment("HOME"))
      .map_error([](const std::string& why) { return why + "; pass --kubeconfig"; })
      .and_then([&](const auto& file) {
        return kubernetes::load_kubeconfig(file, choice.context, steady, helpers);
      });
}

tl::expected<cli::ClusterLink, std::string> link_to(const cli::ClusterChoice& choice) {
  return find_cluster(choice).map([](const kubernetes::ClusterAccess& access) {
    return cli::ClusterLink{kubernetes::make_cpprest_transport(access.endpoint, access.credentials, limits()),
                            access.default_namespace};
  });
}

/// Before a watch that broke is tried again: there is nothing to wait for but time.
void pass_time(api::Duration time) {
  std::promise<void>().get_future().wait_for(time);
}

std::string user_name() {
  const passwd* entry = getpwuid(getuid());
  return entry == nullptr ? environment("USER") : std::string(entry->pw_name);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const cli::Surroundings surroundings{
        .transport_for = [](const std::string& address) -> std::shared_ptr<kubernetes::Transport> {
          return kubernetes::make_cpprest_transport({address}, nullptr, limits());
        },
        .now = [] { return kubernetes::system_clock().wall(); },
        .in = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .link = link_to,
        .pause = pass_time,
        .user = user_name()};
    return cli::run(argc, argv, surroundings);
  } catch (const std::exception& failure) {
    std::cerr << "kubectl-seraphim: " << failure.what() << '\n';
    return cli::kUnusable;
  }
}
