// Enumerations and their words.
#include <array>
#include <utility>

#include "api/codec.h"

namespace seraphim::api {
namespace {

constexpr std::array kPhases{
    std::pair{Phase::initializing, std::string_view("Initializing")},
    std::pair{Phase::stable, std::string_view("Stable")},
    std::pair{Phase::starting, std::string_view("Starting")},
    std::pair{Phase::progressing, std::string_view("Progressing")},
    std::pair{Phase::awaiting_approval, std::string_view("AwaitingApproval")},
    std::pair{Phase::paused, std::string_view("Paused")},
    std::pair{Phase::frozen, std::string_view("Frozen")},
    std::pair{Phase::promoting, std::string_view("Promoting")},
    std::pair{Phase::baking, std::string_view("Baking")},
    std::pair{Phase::rolled_back, std::string_view("RolledBack")},
    std::pair{Phase::degraded, std::string_view("Degraded")},
};

constexpr std::array kVerdicts{
    std::pair{RevisionVerdict::none, std::string_view()},
    std::pair{RevisionVerdict::healthy, std::string_view("Healthy")},
    std::pair{RevisionVerdict::failed, std::string_view("Failed")},
    std::pair{RevisionVerdict::superseded, std::string_view("Superseded")},
};

constexpr std::array kVerifications{
    std::pair{VerificationResult::pending, std::string_view("Pending")},
    std::pair{VerificationResult::recovered, std::string_view("Recovered")},
    std::pair{VerificationResult::not_recovered, std::string_view("NotRecovered")},
    std::pair{VerificationResult::undecided, std::string_view("Undecided")},
};

template <typename Table, typename Value>
std::string word_of(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) return std::string(word);
  }
  return std::string(table.front().second);
}

template <typename Table>
auto value_of(const Table& table, std::string_view text) {
  for (const auto& [value, word] : table) {
    if (word == text) return value;
  }
  return table.front().first;
}

}  // namespace

std::string to_string(Phase phase) {
  return word_of(kPhases, phase);
}
Phase parse_phase(std::string_view text) {
  return value_of(kPhases, text);
}
std::string to_string(VerificationResult result) {
  return word_of(kVerifications, result);
}
VerificationResult parse_verification(std::string_view text) {
  return value_of(kVerifications, text);
}
std::string to_string(RevisionVerdict verdict) {
  return word_of(kVerdicts, verdict);
}
RevisionVerdict parse_verdict(std::string_view text) {
  return value_of(kVerdicts, text);
}

}  // namespace seraphim::api
