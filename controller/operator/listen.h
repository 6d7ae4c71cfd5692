// A socket that listens.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "operator/connection.h"

namespace seraphim::op {

struct Listening {
  Descriptor socket;
  int port = 0;
};

/// `address` is host:port, [IPv6]:port or :port, which is all addresses of both families; port 0 is any that
/// is free. The socket does not block. The error is a sentence.
tl::expected<Listening, std::string> listen_on(const std::string& address);

}  // namespace seraphim::op
