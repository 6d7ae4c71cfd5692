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

}  // namespace seraphim::demo
