// Keeps a store equal to the API server's: list once, then watch, and list again only when there is no other
// way.
//
// A state machine without I/O, thread or clock: it says what to ask next and is told what came back. The
// runner (reflector_runner.h) does the asking on a thread of its own; a simulator does it step by step.
//
//   for (;;) std::visit(overloaded{
//       [&](Reflector::Wait w)  { wait until w.until },
//       [&](Reflector::List l)  { reflector.on_list(transport.call(l.request, ...), now); },
//       [&](Reflector::Watch w) { reflector.on_watch_end(transport.stream(w.request, w.idle, stop, lines),
//       now); }},
//     reflector.next(now));
//
// Rules kept here: docs/runtime.md section 2, rules 1-8. Lists are consistent reads (no resourceVersion) at
// the start and after a 410, so that a restart never begins with a state older than what this process wrote
// before.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "kubernetes/backoff.h"
#include "kubernetes/clock.h"
#include "kubernetes/resource_type.h"
#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

struct WatchEvent;

/// Receives objects as JSON and keeps them typed; see store_sink.h. An object that cannot be decoded is the
/// sink's to report; it must not throw.
class ReflectorSink {
 public:
  virtual ~ReflectorSink() = default;
  /// One object of a list in progress; not visible before commit().
  virtual void stage(const nlohmann::json& object) = 0;
  /// An object staged before was deleted while the list was still running.
  virtual void unstage(const nlohmann::json& object) = 0;
  /// The list was complete: what is staged replaces everything.
  virtual void commit(const std::string& resource_version) = 0;
  /// The list broke off: what is staged is forgotten, the store stays as it was.
  virtual void abandon() = 0;
  virtual void upsert(const nlohmann::json& object) = 0;
  virtual void remove(const nlohmann::json& object) = 0;
  /// Something arrived, if only a bookmark.
  virtual void alive(SteadyTime now) = 0;
};

struct ReflectorOptions {
  ResourceType type{};
  std::string namespace_{};      ///< empty: all
  std::string label_selector{};  ///< "serving.seraphim.io/name"
  std::string field_selector{};
  bool streaming_list = true;  ///< WatchList; falls back to paged lists for good when the server refuses it
  int page_size = 500;
  std::chrono::seconds shortest_watch{300}, longest_watch{600};  ///< timeoutSeconds is drawn from here
  std::chrono::seconds idle{90};  ///< bookmarks come every minute: longer silence is a dead peer
  std::chrono::milliseconds list_timeout{60'000};
  BackoffPolicy backoff{};
};

/// Counted since the start, for metrics and tests.
struct ReflectorStats {
  std::uint64_t lists = 0;     ///< whole lists that were begun, pages not counted; streaming ones included
  std::uint64_t watches = 0;   ///< watches begun, streaming lists not counted
  std::uint64_t failures = 0;  ///< ends that needed a backoff
  std::uint64_t expired = 0;   ///< 410: the version to resume from was gone
  std::uint64_t events = 0;
  std::string last_failure{};  ///< for people
};

class Reflector {
 public:
  struct Wait {
    SteadyTime until;
  };
  struct List {
    Request request;
    std::chrono::milliseconds timeout;
  };
  struct Watch {
    Request request;
    std::chrono::seconds idle;
  };
  using Step = std::variant<Wait, List, Watch>;

  Reflector(ReflectorOptions options, ReflectorSink& sink, Random random);

  /// What to do now. Asking again without an answer in between gives the same step (a new timeoutSeconds
  /// apart).
  Step next(SteadyTime now);
  void on_list(const Response& response, SteadyTime now);
  /// One line of a running watch; stop ends it (then on_watch_end follows).
  Flow on_line(std::string_view line, SteadyTime now);
  void on_watch_end(const CallStatus& status, SteadyTime now);

  bool synced() const { return synced_; }
  const ReflectorStats& stats() const { return stats_; }

 private:
  /// `quorum`: whatever is newest, not just what is not older than what we have. `whole`: not in pages.
  struct NeedList {
    bool quorum = true, whole = false;
  };
  struct Listing {
    bool quorum = true, whole = false;
    std::string continue_token{}, resource_version{};  ///< of the page before; empty for the first
  };
  struct StreamingList {
    bool quorum = true;
  };
  struct Watching {
    bool running = false;
    bool saw_event = false;
    SteadyTime began{};
  };
  using State = std::variant<NeedList, Listing, StreamingList, Watching>;

  /// Why a list or watch did not go well.
  struct Trouble {
    enum class Kind {
      failed,   ///< try the same again, later
      expired,  ///< 410: the version or the continue token is gone
      ahead,    ///< the server has not seen our version yet
      refused,  ///< the request is not understood
    } kind = Kind::failed;
    std::string what{};
    std::optional<std::chrono::milliseconds> retry_after{};
    bool unreadable = false;  ///< the stream said something that is no event
  };

  void begin(SteadyTime now);
  // reflector_wire.cpp
  std::string collection(const std::string& query) const;
  Request list_request(const Listing& listing) const;
  Request streaming_list_request(bool quorum) const;
  Request watch_request() const;
  std::string timeout_parameter() const;
  std::string watch_said(std::string_view what) const;
  Trouble trouble_of(const CallStatus& status, const std::string& body, std::string_view verb) const;
  Trouble trouble_of_error_event(const nlohmann::json& object) const;

  void on_page(const nlohmann::json& page, Listing& listing, SteadyTime now);
  void list_failed(const Trouble& trouble, SteadyTime now);
  void finish_list(const std::string& resource_version, Watching next, SteadyTime now);

  Flow on_initial_event(const WatchEvent& event, SteadyTime now);
  void on_event(const WatchEvent& event);
  Flow end_stream(Trouble trouble);
  void streaming_list_ended(const std::optional<Trouble>& trouble, bool quorum, SteadyTime now);
  void watch_ended(const std::optional<Trouble>& trouble, const Watching& watch, SteadyTime now);

  void relist(bool quorum, bool whole);
  void note_progress();
  void count(const Trouble& trouble);
  void fail(const Trouble& trouble, SteadyTime now);

  const ReflectorOptions options_;
  ReflectorSink& sink_;
  const Random random_;
  Backoff backoff_;
  State state_ = NeedList{};
  bool streaming_list_;  ///< until the server turns out not to know it
  // Since a watch last brought something or ended well:
  bool relisted_ = false;           ///< listed anew at once, which must not be done twice in a row
  bool unreadable_before_ = false;  ///< a line could not be read
  std::optional<Trouble> ending_;   ///< why on_line() stopped the stream
  std::string resource_version_;
  SteadyTime not_before_{};
  bool synced_ = false;
  ReflectorStats stats_;
};

}  // namespace seraphim::kubernetes
