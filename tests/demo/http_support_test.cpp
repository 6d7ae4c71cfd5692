// How the demo's servers end: told to, they finish the answers under way.
#include "http_support.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <future>
#include <latch>

#include "stop_signal.h"

namespace seraphim::demo {
namespace {

using namespace std::chrono_literals;

/// A server that answers /slow when it is let, and /quick at once.
struct SlowServer {
  SlowServer() {
    use_plain_sockets(http);
    http.new_task_queue = [] { return new ConnectionThreads; };
    http.Get("/slow", [this](const httplib::Request&, httplib::Response& response) {
      begun.count_down();
      let.wait();
      answer_json(response, R"({"at": "last"})");
    });
    http.Get("/quick",
             [](const httplib::Request&, httplib::Response& response) { answer_json(response, "{}"); });
    count_answers(http, answers);
    port = http.bind_to_any_port("127.0.0.1");
  }

  httplib::Server http;
  AnswersUnderWay answers;
  std::latch begun{1}, let{1}, told{1};
  int port = 0;
};

/// Is never destroyed: its connections' threads are detached.
SlowServer& new_server() {
  return *new SlowServer;
}

std::future<bool> serve(SlowServer& server, Ending ending) {
  ending.told = [&server] { server.told.count_down(); };
  return std::async(std::launch::async,
                    [&server, ending] { return serve_until_stopped(server.http, server.answers, ending); });
}

/// Keeps its connection, as a router does.
httplib::Client client_of(int port) {
  httplib::Client client("127.0.0.1", port);
  client.set_keep_alive(true);
  return client;
}

void wait_until_it_listens(int port) {
  auto client = client_of(port);
  const auto answer = client.Get("/quick");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->get_header_value("Connection") == "close");
}

std::future<httplib::Result> ask_slow(int port) {
  return std::async(std::launch::async, [port] {
    auto client = client_of(port);
    client.set_read_timeout(60s);
    return client.Get("/slow");
  });
}

/// The process's own stop signal: every thread has it blocked, and the server waits for it.
void tell_to_stop() {
  ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
}

class ServeUntilStopped : public ::testing::Test {
 protected:
  ServeUntilStopped() { hold_stop_signals(); }
};

TEST_F(ServeUntilStopped, AnAnswerUnderWayIsGivenBeforeItEnds) {
  SlowServer& server = new_server();
  auto ended = serve(server, {});
  wait_until_it_listens(server.port);
  auto answer = ask_slow(server.port);
  server.begun.wait();
  EXPECT_EQ(server.answers.count(), 1);
  tell_to_stop();
  server.told.wait();
  EXPECT_EQ(ended.wait_for(300ms), std::future_status::timeout) << "the answer is still under way";
  server.let.count_down();
  const auto given = answer.get();
  ASSERT_TRUE(given) << to_string(given.error());
  EXPECT_EQ(given->status, 200);
  EXPECT_EQ(given->body, R"({"at": "last"})");
  EXPECT_EQ(given->get_header_value("Connection"), "close");
  EXPECT_TRUE(ended.get());
  EXPECT_EQ(server.answers.count(), 0);
  EXPECT_FALSE(client_of(server.port).Get("/quick")) << "it takes no new connection";
}

TEST_F(ServeUntilStopped, AnAnswerThatDoesNotEndIsGivenUp) {
  SlowServer& server = new_server();
  auto ended = serve(server, {.patience = 200ms});
  wait_until_it_listens(server.port);
  auto answer = ask_slow(server.port);
  server.begun.wait();
  tell_to_stop();
  EXPECT_FALSE(ended.get());
  server.let.count_down();
  (void)answer.get();
}

TEST_F(ServeUntilStopped, DuringTheDelayItTakesNewConnectionsAndASecondSignalCutsItShort) {
  SlowServer& server = new_server();
  auto ended = serve(server, {.delay = 10min});
  wait_until_it_listens(server.port);
  tell_to_stop();
  server.told.wait();
  auto client = client_of(server.port);
  const auto answer = client.Get("/quick");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->get_header_value("Connection"), "close");
  tell_to_stop();
  EXPECT_TRUE(ended.get());
}

TEST(AnswerJson, IsNeverCompressed) {
  SlowServer& server = new_server();
  std::thread([&server] { server.http.listen_after_bind(); }).detach();
  auto client = client_of(server.port);
  const auto answer = client.Get("/quick", {{"Accept-Encoding", "gzip, br"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "{}");
  EXPECT_FALSE(answer->has_header("Content-Encoding"));
  EXPECT_EQ(answer->get_header_value("Content-Length"), "2");
  server.http.stop();
}

}  // namespace
}  // namespace seraphim::demo
