// kubectl-seraphim: the real surroundings.
#include <chrono>
#include <exception>
#include <iostream>

#include "cli/program.h"
#include "cli/version.h"
#include "kubernetes/clock.h"
#include "kubernetes/transport_cpprest.h"

int main(int argc, char** argv) {
  using namespace seraphim;
  try {
    const cli::Surroundings surroundings{
        .transport_for = [](const std::string& address) -> std::shared_ptr<kubernetes::Transport> {
          kubernetes::TransportLimits limits;
          limits.user_agent = cli::kUserAgent;
          return kubernetes::make_cpprest_transport({address}, nullptr, limits);
        },
        .now = [] { return kubernetes::system_clock().wall(); },
        .in = std::cin,
        .out = std::cout,
        .err = std::cerr};
    return cli::run(argc, argv, surroundings);
  } catch (const std::exception& failure) {
    std::cerr << "kubectl-seraphim: " << failure.what() << '\n';
    return cli::kUnusable;
  }
}
