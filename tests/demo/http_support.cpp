#include "http_support.h"

#include <iostream>
#include <thread>
#include <utility>

#include "stop_signal.h"

namespace seraphim::demo {
namespace {

/// Whether this connection's thread is giving an answer that was booked: a request that makes no sense is
/// answered without being routed.
thread_local bool is_booked = false;

}  // namespace

void ConnectionThreads::enqueue(std::function<void()> serve_connection) {
  std::thread(std::move(serve_connection)).detach();
}

void use_plain_sockets(httplib::Server& server) {
  server.set_tcp_nodelay(true);
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
}

void keep_idle_connections(httplib::Server& server) {
  server.set_keep_alive_timeout(3900);
  server.set_keep_alive_max_count(1'000'000);
}

void answer_json(httplib::Response& response, const std::string& body) {
  // httplib compresses "application/json", and nothing with a parameter. Neither does it compress a body from
  // a content provider, but those it cuts off when the server stops.
  response.set_content(body, "application/json; charset=utf-8");
}

void count_answers(httplib::Server& server, AnswersUnderWay& answers) {
  server.set_pre_routing_handler([&answers](const httplib::Request&, httplib::Response&) {
    answers.begin();
    is_booked = true;
    return httplib::Server::HandlerResponse::Unhandled;
  });
  server.set_post_routing_handler([&answers](const httplib::Request&, httplib::Response& response) {
    // A router should not start another request on a connection that is about to go. httplib leaves the
    // closing to the client here, so no request can cross with it.
    if (answers.ending()) response.set_header("Connection", "close");
  });
  server.set_logger([&answers](const httplib::Request&, const httplib::Response&) {
    if (std::exchange(is_booked, false)) answers.end();
  });
}

bool serve_until_stopped(httplib::Server& server, AnswersUnderWay& answers, const Ending& ending) {
  constexpr std::chrono::milliseconds kQuiet{100};
  std::thread([&server] { server.listen_after_bind(); }).detach();
  wait_for_stop_signal();
  answers.start_ending();
  if (ending.told) ending.told();
  wait_for_stop_signal_until(std::chrono::steady_clock::now() + ending.delay);
  server.stop();
  const bool finished = answers.wait_until_quiet(kQuiet, ending.patience);
  if (!finished) std::cerr << answers.count() << " answers are given up\n";
  return finished;
}

}  // namespace seraphim::demo
