// The transport of production, on cpprestsdk; see transport.h for the contract. cpprest is end of life
// upstream, therefore no type of it appears outside transport_cpprest.cpp and a second implementation only
// has to pass the conformance suite.
#pragma once

#include <memory>

#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

/// `credentials` may be null (anonymous, system trust). Never throws for a bad url or certificate: every call
/// then reports TransportError::protocol or credentials. Starts the process-wide thread pool, so block
/// signals before (rule 34).
std::unique_ptr<Transport> make_cpprest_transport(const Endpoint& endpoint,
                                                  std::shared_ptr<Credentials> credentials,
                                                  TransportLimits limits = {});

}  // namespace seraphim::kubernetes
