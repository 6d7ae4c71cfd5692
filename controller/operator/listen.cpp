#include "operator/listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace seraphim::op {
namespace {

struct HostAndPort {
  std::string host, port;
};

std::optional<HostAndPort> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  int port = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool number = error == std::errc{} && end == digits.data() + digits.size();
  if (!number || port < 0 || port > 65535) return std::nullopt;
  return HostAndPort{std::string(host), std::to_string(port)};
}

int port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  // Both families have the port at the same place.
  return ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

/// Nothing with errno set when it does not listen.
std::optional<Descriptor> listen_at(const addrinfo& where, bool both_families) {
  Descriptor socket(::socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return std::nullopt;
  const int yes = 1, no = 0;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (where.ai_family == AF_INET6)
    setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, both_families ? &no : &yes, sizeof yes);
  if (bind(socket.get(), where.ai_addr, where.ai_addrlen) != 0) return std::nullopt;
  if (listen(socket.get(), 64) != 0) return std::nullopt;
  return socket;
}

}  // namespace

tl::expected<Listening, std::string> listen_on(const std::string& address) {
  const auto where = parse_address(address);
  if (!where)
    return tl::unexpected("'" + address + "' is no address to serve on; write host:port, such as :9800");
  const bool all = where->host.empty();
  // A system without IPv6 has no "::".
  std::string reason;
  for (const std::string& host : all ? std::vector<std::string>{"::", "0.0.0.0"} : std::vector{where->host}) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), where->port.c_str(), &hints, &found); error != 0) {
      reason = gai_strerror(error);
      continue;
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &freeaddrinfo);
    if (auto socket = listen_at(*found, all)) {
      const int port = port_of(socket->get());
      return Listening{*std::move(socket), port};
    }
    reason = std::strerror(errno);
    if (errno == EADDRINUSE) break;
  }
  return tl::unexpected("cannot serve on " + address + ": " + reason);
}

}  // namespace seraphim::op
