// All that the adapter for TorchServe stands on, in one piece: connections, what is known, what is to be
// done.
#pragma once

#include "workload/torch_serve_orders.h"
#include "workload/torch_serve_watch.h"

namespace seraphim::workload {

struct TorchServes {
  TorchServes(TorchServeServers::Connect connect, const kubernetes::Clock& clock,
              TorchServeOrders::Report report = {})
      : servers(std::move(connect)), watch(servers, clock), orders(servers, clock, std::move(report)) {}

  /// An object is gone, or runs something else by now.
  void forget(const kubernetes::ObjectKey& object) {
    watch.forget(object);
    orders.forget(object);
  }

  TorchServeServers servers;
  TorchServeWatch watch;
  TorchServeOrders orders;
};

}  // namespace seraphim::workload
