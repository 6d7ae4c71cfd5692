// What both demo servers want of httplib, and its defaults do not give.
#pragma once

#include <httplib.h>

#include <chrono>
#include <functional>
#include <string>

#include "answers_under_way.h"

namespace seraphim::demo {

/// A thread for each connection. httplib keeps a thread as long as its connection lives, so that its default
/// pool of eight is used up by eight idle keep-alive connections and the next probe waits. The threads are
/// detached: a program that uses this leaves by std::quick_exit, not by destroying the server.
class ConnectionThreads : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> serve_connection) override;
  void shutdown() override {}
};

/// Answers leave at once (no Nagle), and a port in use is an error: httplib's default SO_REUSEPORT would let
/// a second server share it silently.
void use_plain_sockets(httplib::Server& server);
/// The router has to be the one that closes an idle connection: when the server does, it may cross with a
/// request, and that request is lost. Routers keep idle upstream connections for an hour (Envoy) or less.
void keep_idle_connections(httplib::Server& server);

/// Answers with JSON that is never compressed. set_content() would compress for any router that allows it;
/// Traefik 3.6 does so on its own account when the client names no encoding, and cuts such an answer off
/// ("use of closed network connection") when its configuration is reloaded at that moment.
void answer_json(httplib::Response& response, const std::string& body);

/// Books every answer of a server of ConnectionThreads, until it is written out. Takes the server's handlers
/// before and after routing, and its logger.
void count_answers(httplib::Server& server, AnswersUnderWay& answers);

/// How a server ends.
struct Ending {
  std::chrono::microseconds delay{0};  ///< serves on so long, for routers that have not seen it yet
  std::chrono::milliseconds patience{std::chrono::seconds{30}};  ///< the longest wait for answers under way
  std::function<void()> told{};                                  ///< called when the stop signal has come
};

/// Serves the port that `server` is bound to until a stop signal, then for the delay (a second signal cuts it
/// short), takes no new connection from there on, and finishes the answers under way. False when some were
/// left. The server must not be destroyed afterwards: threads of idle connections still look at it.
bool serve_until_stopped(httplib::Server& server, AnswersUnderWay& answers, const Ending& ending);

}  // namespace seraphim::demo
