// The rules that no compiler checks. Each takes one file and names what is wrong with it, a sentence for each
// breach.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seraphim::tidy {

struct SourceFile {
  std::string path;  ///< from the project's root: "controller/rollout/decide.h"
  std::string text;
};

/// "controller/rollout/decide.h:12: what is wrong". Empty when all is well.
using Breaches = std::vector<std::string>;

/// Rooms see only the rooms that design allows: operator -> {workload, traffic, prometheus, kubernetes} ->
/// api, rollout and analysis depend on api (rollout on analysis, for the verdict's type), replay on these
/// three, kubernetes on nothing of Seraphim (but on jsontext, which knows only JSON), nobody on cli. A room
/// that the table does not know may see nothing, so that a new room is a decision.
Breaches include_direction(const SourceFile& file);

/// api, rollout, analysis and replay are functions of their input: no I/O, clock, thread, randomness or
/// environment.
Breaches purity(const SourceFile& file);

/// Nothing sleeps to wait for something: not the controller, not its unit tests.
Breaches no_sleep(const SourceFile& file);

/// The generic runtime gets its time and its randomness from outside; only the file that implements that
/// outside, and the transport under which real sockets lie, may ask the system.
Breaches injected_time(const SourceFile& file);

/// Slow headers stay out of headers: json.hpp (json_fwd.hpp is there for that), spdlog, cpprest.
Breaches light_headers(const SourceFile& file);

/// Headers begin with a comment that says what they are for, and have #pragma once.
Breaches header_form(const SourceFile& file);

/// A file that cannot be read in one sitting is two files.
Breaches length(const SourceFile& file);

/// Work that is left is an issue, not a comment.
Breaches nothing_left_to_do(const SourceFile& file);

}  // namespace seraphim::tidy
