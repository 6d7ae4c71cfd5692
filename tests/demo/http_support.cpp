#include "http_support.h"

#include <thread>
#include <utility>

namespace seraphim::demo {

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

}  // namespace seraphim::demo
