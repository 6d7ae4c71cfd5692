// What both demo programs want of httplib, and its defaults do not give.
#pragma once

#include <httplib.h>

#include <functional>

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

}  // namespace seraphim::demo
