// The line between one start of the operator and the API server: it takes time, breaks, and ends with the
// process.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kubernetes/transport.h"
#include "simulation/api_server.h"
#include "simulation/planted.h"
#include "simulation/random.h"

namespace seraphim::simulation {

enum class CallFault {
  conflict,        ///< 409, though nobody wrote
  too_many,        ///< 429 with Retry-After
  error,           ///< 500, not carried out
  error_landed,    ///< 500, carried out
  timeout,         ///< no answer, not carried out
  timeout_landed,  ///< no answer, carried out
  reset_landed,    ///< the connection broke after it was carried out
  late_landed,     ///< it is under way for long, and carried out when nobody waits for it any more
};
inline constexpr int kCallFaults = 8;
std::string_view to_string(CallFault fault);

/// What the world does for a line.
struct LineServices {
  ApiStore& store;
  ApiServer& server;
  WorldClock& clock;
  /// Lets time pass during a call; others act meanwhile when `with_others`.
  std::function<void(std::chrono::milliseconds, bool with_others)> pass_time;
  std::function<void(const std::string&)> note;  ///< for the trace; may be empty
  std::function<void(Kind)> attempted;           ///< a write left the operator, whatever becomes of it
};

class Line final : public kubernetes::Transport {
 public:
  Line(LineServices services, int process, Bug bug, Seed seed, bool lively);

  kubernetes::Response call(const kubernetes::Request& request, std::chrono::milliseconds timeout,
                            std::stop_token stop) noexcept override;
  /// Watches are stepped (feed.h), so nobody calls this.
  kubernetes::CallStatus stream(const kubernetes::Request& request, std::chrono::seconds idle,
                                std::stop_token stop, kubernetes::LineSink& sink) noexcept override;

  /// The process ends: nothing more leaves it.
  void cut() { dead_ = true; }
  bool dead() const { return dead_; }
  /// It dies at its n-th write from now, just before or just after the write took place.
  void crash_at_write(int count, bool after) {
    crash_in_ = count;
    crash_after_ = after;
  }
  /// The next so many calls go wrong; `writes_only` lets reads pass.
  void fail_calls(CallFault fault, int calls, bool writes_only);
  void heal();
  /// How an object of this kind looks to the operator, in a watch or a list.
  std::string seen(Kind kind, std::string text, bool first_sight);
  Bug bug() const { return bug_; }
  const Author& author() const { return author_; }

 private:
  kubernetes::Response carry_out(const kubernetes::Request& request);
  kubernetes::Response failed(CallFault fault, const kubernetes::Request& request);
  std::optional<kubernetes::Response> misbehave(kubernetes::Request& request);

  LineServices services_;
  const Author author_;
  const Bug bug_;
  Chance chance_;
  const bool lively_;  ///< others act during calls now and then
  bool dead_ = false, crash_after_ = false;
  int crash_in_ = 0;
  CallFault fault_ = CallFault::error;
  int faulty_calls_ = 0;
  bool faulty_writes_only_ = false;
  std::vector<std::pair<SimTime, kubernetes::Request>> late_;  ///< planted: what is written later
  std::string last_seen_;                                      ///< planted: the version before
};

}  // namespace seraphim::simulation
