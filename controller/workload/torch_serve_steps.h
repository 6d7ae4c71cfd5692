// How an order is carried out: what to ask a TorchServe for, by what is there.
#pragma once

#include <stop_token>

#include "kubernetes/api_error.h"
#include "workload/torch_serve_client.h"
#include "workload/torch_serve_orders.h"

namespace seraphim::workload {

/// One try, idempotent: looks first, then does what is missing. Success means that it is so (for workers:
/// that the server was told). The error is one sentence for people.
kubernetes::Result<void> carry_out(const Order& order, TorchServeClient& client, const std::stop_token& stop);

}  // namespace seraphim::workload
