#include "targets.h"

#include <array>
#include <cstdlib>
#include <iostream>

namespace seraphim::fuzz {

std::span<const Target> targets() {
  static constexpr std::array kTargets{
      Target{"deployment", fuzz_deployment}, Target{"freeze", fuzz_freeze},
      Target{"status", fuzz_status},         Target{"text", fuzz_text},
      Target{"watch", fuzz_watch},           Target{"api_answer", fuzz_api_answer},
      Target{"kubeconfig", fuzz_kubeconfig}, Target{"query_answer", fuzz_query_answer},
      Target{"evidence", fuzz_evidence},     Target{"history", fuzz_history},
      Target{"pass_line", fuzz_pass_line},   Target{"exec_credential", fuzz_exec_credential},
  };
  return kTargets;
}

void require(bool holds, const char* sentence) {
  if (holds) return;
  std::cerr << "broken: " << sentence << '\n';
  std::abort();
}

}  // namespace seraphim::fuzz
