// What was built. In a source of its own, which CMake makes, so that a new commit compiles only that.
#pragma once

namespace seraphim::op {

extern const char* const kVersion;
extern const char* const kCommit;
extern const char* const kVersionText;  ///< for --version
extern const char* const kUserAgent;

}  // namespace seraphim::op
