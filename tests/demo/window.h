// What the client saw in one stretch of time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "latency_summary.h"

namespace seraphim::demo {

/// Wall-clock time in milliseconds since the epoch: what logs and API objects can be compared with.
using EpochMs = std::int64_t;

/// How one request ended, as the client saw it.
struct Result {
  std::string version;  ///< X-Model-Version of the answer, kNoVersion when nobody said
  std::string
      failure;  ///< empty for a 2xx, else what went wrong: "connect", "timeout", "reset", "http_503", ...
  std::chrono::microseconds latency{0};  ///< from the moment when the request was due
  EpochMs at = 0;                        ///< when the answer, or the error, was there

  bool ok() const { return failure.empty(); }
};

/// The version of an answer that no model server gave: refused connections, the router's own errors.
inline constexpr const char* kNoVersion = "none";

/// Why a request that was due has not been sent.
enum class Missed {
  busy,  ///< every worker was waiting for an answer
  late,  ///< this program did not get the processor in time
};

struct VersionCounts {
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
  EpochMs first_at = 0, last_at = 0;  ///< first and last answer, good or bad
  std::optional<EpochMs> first_failure_at, last_failure_at;
};

/// Totals of the requests that were *sent* in the window: an answer that comes after its end still belongs to
/// it, and until then the request is in flight. Not thread-safe.
class Window {
 public:
  Window(std::string name, EpochMs started_at);

  void sent() { ++sent_; }
  void done(const Result& result);
  void missed(Missed reason);

  const std::string& name() const { return name_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t missed_total() const { return missed_busy_ + missed_late_; }

  /// sent, ok, failed, missed and by_version: enough for one second of a log.
  nlohmann::json brief() const;
  /// Everything: brief, and failures by kind, first and last failure by version, latency.
  nlohmann::json full() const;

 private:
  std::string name_;
  EpochMs started_at_;
  std::uint64_t sent_ = 0, ok_ = 0, failed_ = 0, missed_busy_ = 0, missed_late_ = 0;
  std::map<std::string, VersionCounts> by_version_;
  std::map<std::string, std::uint64_t> by_failure_;
  LatencySummary latency_;
};

}  // namespace seraphim::demo
