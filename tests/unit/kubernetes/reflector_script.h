// Plays server and clock for a Reflector, step by step.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "kubernetes/fake_transport.h"
#include "kubernetes/note.h"
#include "kubernetes/reflector.h"
#include "kubernetes/store_sink.h"

namespace seraphim::kubernetes::testing {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// The parameters behind the '?', percent-encoding kept.
inline std::map<std::string, std::string> query_of(const std::string& target) {
  std::map<std::string, std::string> result;
  std::size_t begin = target.find('?');
  while (begin != std::string::npos) {
    const std::size_t end = target.find('&', begin + 1);
    const std::string part = target.substr(begin + 1, end == std::string::npos ? end : end - begin - 1);
    const std::size_t equals = part.find('=');
    result[part.substr(0, equals)] = equals == std::string::npos ? "" : part.substr(equals + 1);
    begin = end;
  }
  return result;
}

inline std::string page(int version, const std::vector<nlohmann::json>& items,
                        const std::string& token = {}) {
  return nlohmann::json{{"kind", "ConfigMapList"},
                        {"metadata", {{"resourceVersion", std::to_string(version)}, {"continue", token}}},
                        {"items", items}}
      .dump();
}

class ReflectorScript : public ::testing::Test {
 protected:
  void SetUp() override { make({}); }
  void make(ReflectorOptions options) {
    options.type = Resource<Note>::type();
    reflector_ = std::make_unique<Reflector>(std::move(options), sink_, [this] { return chance_; });
  }
  void make_paged() { make({.streaming_list = false}); }

  /// What is asked now; empty when it is something else. No waiting.
  std::string asked_watch() {
    const auto step = reflector_->next(now_);
    const auto* watch = std::get_if<Reflector::Watch>(&step);
    return watch == nullptr ? "" : watch->request.target;
  }
  std::string asked_list() {
    const auto step = reflector_->next(now_);
    const auto* list = std::get_if<Reflector::List>(&step);
    return list == nullptr ? "" : list->request.target;
  }
  /// Lets the time of a Wait pass; zero when there was none.
  std::chrono::milliseconds wait() {
    const auto step = reflector_->next(now_);
    const auto* pause = std::get_if<Reflector::Wait>(&step);
    if (pause == nullptr) return 0ms;
    const auto waited = std::chrono::ceil<std::chrono::milliseconds>(pause->until - now_);
    now_ = pause->until;
    return waited;
  }

  Flow line(const std::string& text) { return reflector_->on_line(text, now_); }
  void end(CallStatus status = {.http = 200, .sent = true}) { reflector_->on_watch_end(status, now_); }
  void end(TransportError error) { end(broken(error).status); }
  void refuse_watch(const Response& answer) {
    CallStatus status = answer.status;
    status.detail = answer.body;
    end(status);
  }
  void answer_list(const Response& response) { reflector_->on_list(response, now_); }
  void pass(std::chrono::seconds time) { now_ += time; }

  /// A streaming list of "a" that ended at version 10; its stream runs on.
  void sync() {
    ASSERT_EQ(query_of(asked_watch())["sendInitialEvents"], "true");
    ASSERT_EQ(line(event("ADDED", note_json("a", 7, "first"))), Flow::more);
    ASSERT_EQ(line(initial_events_end(10)), Flow::more);
    ASSERT_TRUE(store_.synced());
  }
  /// The same, and now a plain watch from version 10 is under way.
  void sync_and_watch() {
    sync();
    pass(300s);
    end();
    ASSERT_EQ(query_of(asked_watch())["resourceVersion"], "10");
  }
  std::string value(const std::string& name) const {
    const auto object = store_.get({"default", name});
    return object ? object->value : "none";
  }
  const ReflectorStats& stats() const { return reflector_->stats(); }

  SteadyTime now_{1000s};
  double chance_ = 0.0;
  Store<Note> store_;
  std::vector<std::string> reports_;
  StoreSink<Note> sink_{store_, [this](const std::string& text) { reports_.push_back(text); }};
  std::unique_ptr<Reflector> reflector_;
};

}  // namespace seraphim::kubernetes::testing
