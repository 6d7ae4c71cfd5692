// What a command would change of a SeraphimDeployment, and how its success is recognised. Deciding it is
// pure; carrying it out is one function for all commands.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "cli/await.h"
#include "cli/cluster.h"

namespace seraphim::cli {

struct SetAnnotation {
  std::string key, value;
};
struct Pause {};
struct Resume {};
/// Replaces spec.workload as a whole, provided that nobody has edited the spec since it was read.
struct SetWorkload {
  std::string workload;  ///< JSON
};
using Edit = std::variant<SetAnnotation, Pause, Resume, SetWorkload>;

struct Change {
  std::string sentence{};     ///< what it does: "approves step 2 of web-7b9f3c21de"
  std::vector<Edit> edits{};  ///< in this order; none: nothing is left to do
  Judge judge{};              ///< whether the operator has done its part
};

/// Why nothing is changed, and what to do instead.
struct Refusal {
  int code;  ///< exit code
  std::string sentence;
};
using Proposal = tl::expected<Change, Refusal>;

/// Flags of every command that changes something.
struct ChangeOptions {
  bool dry_run = false;
  bool wait = true;
  std::string timeout = "5m";  ///< Go-style
};
void add_change_options(CLI::App& command, ChangeOptions& options);

/// Says what it does, does it unless --dry-run, waits, says what came of it. Returns the exit code.
int carry_out(const Proposal& proposal, const Cluster& cluster, const api::SeraphimDeployment& object,
              const ChangeOptions& options, const Surroundings& surroundings);

/// True when the operator's status is about this spec or a newer one.
bool is_observed(const api::SeraphimDeployment& object, std::int64_t generation);

}  // namespace seraphim::cli
