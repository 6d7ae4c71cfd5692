// A Transport whose answers a test writes down beforehand. Unary calls are answered from a queue, then by a
// handler; streams are played from a queue of scripts.
//
//   FakeTransport transport;
//   transport.answer(404, R"({"kind":"Status","code":404})").fail(TransportError::reset);
//   transport.otherwise([](const Request& request) { return ok(R"({"kind":"Lease"})"); });
//   ... EXPECT_EQ(transport.requests().at(0).method, "GET");
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "kubernetes/transport.h"

namespace seraphim::kubernetes::testing {

/// A complete answer of the server.
inline Response reply(int http, std::string body = "{}") {
  return {.status = {.http = http, .sent = true}, .body = std::move(body)};
}
inline Response ok(std::string body = "{}") {
  return reply(200, std::move(body));
}
/// An answer whose body is a Status object.
inline Response refuse(int http, const std::string& reason, const std::string& message = "no") {
  return reply(http, R"({"kind":"Status","status":"Failure","code":)" + std::to_string(http) +
                         R"(,"reason":")" + reason + R"(","message":")" + message + "\"}");
}
/// An exchange that broke.
inline Response broken(TransportError error, bool sent = true) {
  return {.status = {.error = error, .sent = sent, .detail = "scripted failure"}, .body = {}};
}

/// What one stream() call sees: the lines, then the end. With `until_stopped` the end is the caller's stop
/// request.
struct StreamScript {
  std::vector<std::string> lines{};
  CallStatus end{.http = 200, .sent = true};
  bool until_stopped = false;
};

/// Thread-safe.
class FakeTransport final : public Transport {
 public:
  using Handler = std::function<Response(const Request&)>;

  /// Queues the answer to the next call that has none yet.
  FakeTransport& answer(Response response) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(response));
    return *this;
  }
  FakeTransport& answer(int http, std::string body = "{}") { return answer(reply(http, std::move(body))); }
  FakeTransport& fail(TransportError error, bool sent = true) { return answer(broken(error, sent)); }
  FakeTransport& stream_script(StreamScript script) {
    const std::lock_guard lock(mutex_);
    streams_.push_back(std::move(script));
    return *this;
  }
  /// Answers calls once the queue is empty. Without one they get a 500; streams without a script wait to be
  /// stopped.
  void otherwise(Handler handler) {
    const std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
  }

  std::vector<Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  /// The timeouts given to call(), in order.
  std::vector<std::chrono::milliseconds> timeouts() const {
    const std::lock_guard lock(mutex_);
    return timeouts_;
  }
  /// False when so many requests did not come in time.
  bool wait_for_requests(std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return requests_.size() >= count; });
  }

  Response call(const Request& request, std::chrono::milliseconds timeout,
                std::stop_token stop) noexcept override {
    std::unique_lock lock(mutex_);
    if (stop.stop_requested()) return broken(TransportError::cancelled, false);
    note(request);
    timeouts_.push_back(timeout);
    if (!answers_.empty()) return take(answers_);
    const Handler handler = handler_;
    lock.unlock();
    return handler ? handler(request) : refuse(500, "InternalError", "no answer was scripted");
  }

  CallStatus stream(const Request& request, std::chrono::seconds, std::stop_token stop,
                    LineSink& sink) noexcept override {
    std::unique_lock lock(mutex_);
    note(request);
    const StreamScript script = streams_.empty() ? StreamScript{.until_stopped = true} : take(streams_);
    lock.unlock();
    for (const auto& line : script.lines) {
      if (sink.on_line(line) == Flow::stop) return broken(TransportError::cancelled).status;
    }
    if (!script.until_stopped) return script.end;
    lock.lock();
    changed_.wait(lock, stop, [] { return false; });
    return broken(TransportError::cancelled).status;
  }

 private:
  void note(const Request& request) {
    requests_.push_back(request);
    changed_.notify_all();
  }
  template <typename T>
  static T take(std::deque<T>& queue) {
    T first = std::move(queue.front());
    queue.pop_front();
    return first;
  }

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Response> answers_;
  std::deque<StreamScript> streams_;
  Handler handler_;
  std::vector<Request> requests_;
  std::vector<std::chrono::milliseconds> timeouts_;
};

}  // namespace seraphim::kubernetes::testing
