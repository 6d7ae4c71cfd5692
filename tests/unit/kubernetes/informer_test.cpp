// An informer on the real transport, over TLS, against a server that misbehaves: what the rules are for.
#include "kubernetes/informer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "kubernetes/note.h"
#include "kubernetes/patience.h"
#include "kubernetes/reflector_script.h"
#include "kubernetes/transport_conformance.h"
#include "kubernetes/transport_cpprest.h"

namespace seraphim::kubernetes::testing {

namespace {

bool is_list(const SeenRequest& request) {
  return query_of(request.target).contains("sendInitialEvents");
}

std::string version_of(const SeenRequest& request) {
  return query_of(request.target)["resourceVersion"];
}

}  // namespace

class InformerOverTls : public ::testing::Test {
 protected:
  /// Runs for each request until it returns false: then the connection is closed.
  using Act = std::function<bool(Connection&, const SeenRequest&)>;

  void serve(Act act) {
    server_ = std::make_unique<MisbehavingServer>(ServerOptions{.identity = local_identity()},
                                                  [act = std::move(act)](Connection& connection) {
                                                    while (const auto request = connection.read_request()) {
                                                      if (!act(connection, *request)) return;
                                                    }
                                                  });
  }
  void start(ReflectorOptions options = {}) {
    options.backoff = {.first = std::chrono::milliseconds(1), .longest = std::chrono::milliseconds(20)};
    credentials_ =
        std::make_shared<FixedCredentials>(TlsMaterial{.ca_pem = authority().certificate_pem()}, "token");
    transport_ = make_cpprest_transport({server_->url()}, credentials_);
    informer_ =
        std::make_unique<Informer<Note>>(*transport_, options, system_clock(), system_random(), nullptr);
    informer_->store().on_change([this](const auto&, const auto&) {
      const std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
    informer_->start();
  }
  /// Waits until the object has this value; "none" for gone.
  bool becomes(const std::string& name, const std::string& value) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] {
      const auto object = informer_->store().get({"default", name});
      return (object ? object->value : "none") == value;
    });
  }
  static bool begin_with_a(Connection& connection) {
    return connection.begin_stream() && connection.chunk(event("ADDED", note_json("a", 5, "first")) + "\n") &&
           connection.chunk(initial_events_end(10) + "\n");
  }
  static void hold(Connection& connection) { connection.wait_for_peer_close(std::chrono::minutes(1)); }
  std::vector<SeenRequest> lists() const {
    auto seen = server_->seen();
    std::erase_if(seen, [](const SeenRequest& request) { return !is_list(request); });
    return seen;
  }

  // For the scripts, which run until the server is gone.
  std::atomic<int> count_ = 0;
  std::atomic<bool> up_ = true;

  std::unique_ptr<MisbehavingServer> server_;
  std::shared_ptr<FixedCredentials> credentials_;
  std::unique_ptr<Transport> transport_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Informer<Note>> informer_;
};

TEST_F(InformerOverTls, Rule1And3A410InMidStreamBringsANewListAndTheDeletesInBetween) {
  serve([this](Connection& connection, const SeenRequest&) {
    if (++count_ == 1) {
      begin_with_a(connection);
      connection.chunk(bookmark(11) + "\n" + error_event(410, "Expired") + "\n");
      return connection.end_stream();
    }
    connection.begin_stream();
    connection.chunk(event("ADDED", note_json("b", 20, "second")) + "\n" + initial_events_end(30) + "\n");
    hold(connection);
    return false;
  });
  start();
  EXPECT_TRUE(becomes("b", "second"));
  EXPECT_TRUE(becomes("a", "none"));
  ASSERT_EQ(lists().size(), 2u);
  EXPECT_EQ(version_of(lists().at(1)), "");
  EXPECT_EQ(informer_->stats().expired, 1u);
}

TEST_F(InformerOverTls, Rule2AFrameCutInTheInitialListChangesNothing) {
  serve([this](Connection& connection, const SeenRequest&) {
    if (++count_ == 1) {
      connection.begin_stream();
      connection.chunk(event("ADDED", note_json("ghost", 5, "ghost")) + "\n");
      connection.send("400\r\n{\"type\":\"ADD");
      return false;
    }
    begin_with_a(connection);
    hold(connection);
    return false;
  });
  start();
  EXPECT_TRUE(becomes("a", "first"));
  EXPECT_EQ(informer_->store().get({"default", "ghost"}), nullptr);
}

TEST_F(InformerOverTls, Rule5AFrameCutInTheWatchIsResumedFromTheLastWholeEvent) {
  serve([this](Connection& connection, const SeenRequest& request) {
    if (is_list(request)) {
      begin_with_a(connection);
      connection.chunk(event("MODIFIED", note_json("a", 12, "second")) + "\n");
      connection.send("400\r\n" + event("MODIFIED", note_json("a", 13, "half")).substr(0, 40));
      return false;
    }
    connection.begin_stream();
    connection.chunk(event("MODIFIED", note_json("a", 13, version_of(request))) + "\n");
    hold(connection);
    return false;
  });
  start();
  EXPECT_TRUE(becomes("a", "12"));
  EXPECT_EQ(lists().size(), 1u);
}

TEST_F(InformerOverTls, Rule5A429IsWaitedOutWithoutAList) {
  serve([this](Connection& connection, const SeenRequest& request) {
    if (is_list(request)) {
      begin_with_a(connection);
      connection.chunk(bookmark(11) + "\n");
      return false;
    }
    if (++count_ <= 3) return connection.respond(429, R"({"kind":"Status","code":429})");
    connection.begin_stream();
    connection.chunk(event("MODIFIED", note_json("a", 12, version_of(request))) + "\n");
    hold(connection);
    return false;
  });
  start();
  EXPECT_TRUE(becomes("a", "11"));
  EXPECT_EQ(lists().size(), 1u);
  EXPECT_GE(informer_->stats().failures, 4u);
}

TEST_F(InformerOverTls, ASlowDripArrivesWhole) {
  serve([this](Connection& connection, const SeenRequest&) {
    connection.begin_stream();
    const std::string text =
        event("ADDED", note_json("a", 5, "dripped")) + "\n" + initial_events_end(10) + "\n";
    for (const char byte : text) {
      if (!connection.chunk(std::string(1, byte))) return false;
    }
    hold(connection);
    return false;
  });
  start();
  EXPECT_TRUE(becomes("a", "dripped"));
}

TEST_F(InformerOverTls, ASilentPeerIsLeftAfterTheIdleTime) {
  serve([this](Connection& connection, const SeenRequest& request) {
    if (++count_ == 1) {
      begin_with_a(connection);
      hold(connection);  // says nothing more
      return false;
    }
    connection.begin_stream();
    connection.chunk(event("MODIFIED", note_json("a", 12, version_of(request))) + "\n");
    hold(connection);
    return false;
  });
  start({.idle = std::chrono::seconds(1)});
  EXPECT_TRUE(becomes("a", "10"));
  EXPECT_EQ(lists().size(), 1u);
}

TEST_F(InformerOverTls, PagesGoOnAfterAKeptAliveConnectionWasClosed) {
  serve([this](Connection& connection, const SeenRequest& request) {
    auto query = query_of(request.target);
    if (query.contains("watch")) {
      connection.begin_stream();
      connection.chunk(event("ADDED", note_json("c", 12, version_of(request))) + "\n");
      hold(connection);
      return false;
    }
    const int number = ++count_;
    const std::string name = query.contains("continue") ? "b" : "a";
    connection.respond(200, page(10, {note_json(name, 5, name)}, query.contains("continue") ? "" : "more"));
    return number != 1;  // closes after the first answer although keep-alive was agreed on
  });
  start({.streaming_list = false});
  EXPECT_TRUE(becomes("c", "10"));
  EXPECT_EQ(informer_->store().size(), 3u);
}

TEST_F(InformerOverTls, Rule5ARestartOfTheServerCostsNoList) {
  serve([this](Connection& connection, const SeenRequest& request) {
    if (is_list(request)) {
      begin_with_a(connection);
      connection.chunk(bookmark(11) + "\n");
      return false;
    }
    if (!up_) {
      connection.signal_server();
      connection.reset();
      return false;
    }
    if (version_of(request) == "11") {
      connection.begin_stream();
      connection.chunk(event("MODIFIED", note_json("a", 12, "before")) + "\n");
      up_ = false;  // and the connection breaks
      return false;
    }
    connection.begin_stream();
    connection.chunk(event("MODIFIED", note_json("a", 13, "after " + version_of(request))) + "\n");
    hold(connection);
    return false;
  });
  start();
  ASSERT_TRUE(becomes("a", "before"));
  ASSERT_TRUE(server_->wait_for_signals(10));
  up_ = true;
  EXPECT_TRUE(becomes("a", "after 12"));
  EXPECT_EQ(lists().size(), 1u);
}

TEST_F(InformerOverTls, StopCancelsAnIdleWatchWithinMilliseconds) {
  serve([this](Connection& connection, const SeenRequest&) {
    begin_with_a(connection);
    hold(connection);
    return false;
  });
  start();
  ASSERT_TRUE(becomes("a", "first"));
  const auto began = std::chrono::steady_clock::now();
  informer_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));  // sanitizers are slow
}

}  // namespace seraphim::kubernetes::testing
