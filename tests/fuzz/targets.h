// What is fuzzed: each parser of bytes that come from outside. A target aborts when the parser breaks its
// word, as a sanitizer does when it breaks the language's.
#pragma once

#include <span>
#include <string_view>

namespace seraphim::fuzz {

struct Target {
  std::string_view name;  ///< of the program fuzz_<name>, and of its folder in corpus/
  void (*run)(std::string_view bytes);
};

std::span<const Target> targets();

/// Ends the process with the sentence unless it holds.
void require(bool holds, const char* sentence);

// By room.
void fuzz_deployment(std::string_view bytes);  ///< an object as the API server sends it
void fuzz_freeze(std::string_view bytes);      ///< one, and when it is in force
void fuzz_status(std::string_view bytes);      ///< a status that somebody may have edited
void fuzz_text(std::string_view bytes);        ///< durations, percents, times, placeholders
void fuzz_watch(std::string_view bytes);       ///< a watch stream, cut into chunks
void fuzz_api_answer(std::string_view bytes);  ///< an error's body and its Retry-After
void fuzz_kubeconfig(std::string_view bytes);
void fuzz_exec_credential(std::string_view bytes);  ///< what a kubeconfig's helper program prints
void fuzz_query_answer(std::string_view bytes);     ///< an answer of Prometheus, handed out to comparisons
void fuzz_evidence(std::string_view bytes);         ///< the remembered evidence, then a look with it
void fuzz_history(std::string_view bytes);          ///< a history file
void fuzz_pass_line(std::string_view bytes);        ///< a line of the operator's log

}  // namespace seraphim::fuzz
