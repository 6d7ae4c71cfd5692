// An HTTP/1.1 server on 127.0.0.1 that does exactly what a test tells it, good or bad, over TLS or plain.
// Each connection runs the script on a thread of its own. No sleeps: everything waits for an event with a
// time limit.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "kubernetes/test_pki.h"

namespace seraphim::kubernetes::testing {

struct SeenRequest {
  std::string method, target, body;
  std::map<std::string, std::string> headers;  ///< names in lower case; of repeated headers the first
  std::string client_common_name;              ///< of the client certificate, if one was presented
  int connection = 0;
};

struct ServerOptions {
  std::optional<CertificateAndKey> identity{};  ///< nothing: plain http
  std::string client_ca_pem{};                  ///< not empty: ask for a client certificate of this authority
  bool handshake = true;                        ///< false: accept and say nothing
  bool ipv6 = false;                            ///< listen on ::1
  std::string address = "127.0.0.1";            ///< else on this one
};

class MisbehavingServer;

/// What a script can do. Functions return false once the peer is gone.
class Connection {
 public:
  Connection(MisbehavingServer& server, int socket, int index);
  ~Connection();
  Connection(const Connection&) = delete;

  int index() const { return index_; }
  bool shake_hands();
  std::optional<SeenRequest> read_request();
  bool send(std::string_view bytes);
  /// A whole response with Content-Length. `headers` are full lines with "\r\n".
  bool respond(int status, std::string_view body, std::string_view headers = {});
  bool begin_stream() {
    return send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  }
  bool chunk(std::string_view bytes);
  bool end_stream() { return send("0\r\n\r\n"); }
  /// True when the peer closed within the time; what it sends meanwhile is thrown away.
  bool wait_for_peer_close(std::chrono::milliseconds limit);
  /// Tells the test that this point was reached; see MisbehavingServer::wait_for_signals().
  void signal_server();
  /// Closes without a TLS goodbye: a cut, seen by the peer as FIN.
  void cut();
  /// Closes with RST.
  void reset();

 private:
  enum class Ready { yes, no, stopped };
  Ready poll_for(short events, std::chrono::milliseconds limit) const;
  long read_some(char* buffer, std::size_t size, std::chrono::milliseconds limit);

  MisbehavingServer& server_;
  int socket_;
  const int index_;
  std::shared_ptr<SSL> ssl_;
  std::string unread_;
};

using Script = std::function<void(Connection&)>;

class MisbehavingServer {
 public:
  MisbehavingServer(ServerOptions options, Script script);
  ~MisbehavingServer();

  int port() const { return port_; }
  /// Empty: the address that it listens on.
  std::string url(const std::string& host = {}) const;
  std::vector<SeenRequest> seen() const;
  int connections() const { return connections_; }
  /// Refuse new connections from now on.
  void stop_listening();
  /// Bytes that the sockets took so far, and whether a send was once stuck for kStall: back-pressure arrived.
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  bool wait_until_stalled(std::chrono::milliseconds limit);
  /// Waits until scripts have signalled so often.
  bool wait_for_signals(int count, std::chrono::milliseconds limit = std::chrono::seconds(20));

  static constexpr std::chrono::milliseconds kStall{300};

 private:
  friend class Connection;
  void accept_loop(const std::stop_token& stop);
  void note(SeenRequest request);
  void signal();
  void note_stalled();

  const ServerOptions options_;
  const Script script_;
  std::shared_ptr<SSL_CTX> context_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<std::uint64_t> bytes_sent_ = 0;
  std::atomic<bool> stopping_ = false, refusing_ = false;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SeenRequest> seen_;
  int signals_ = 0;
  bool stalled_ = false;
  std::vector<std::jthread> workers_;  // only touched by the acceptor
  std::jthread acceptor_;
};

}  // namespace seraphim::kubernetes::testing
