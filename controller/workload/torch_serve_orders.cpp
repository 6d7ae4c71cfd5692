#include "workload/torch_serve_orders.h"

#include <algorithm>

#include "workload/torch_serve_steps.h"

namespace seraphim::workload {
namespace {

using kubernetes::ApiError;
using kubernetes::SteadyTime;

constexpr std::chrono::milliseconds kFirstPause{1000};
constexpr std::chrono::milliseconds kLongestPause{60'000};
constexpr int kTriesToTidyUp = 10;  ///< of what no rollout waits for; some eight minutes

std::chrono::milliseconds pause_after(int failures) {
  const auto pause = kFirstPause * (1 << std::min(failures - 1, 10));
  return std::min<std::chrono::milliseconds>(pause, kLongestPause);
}

}  // namespace

void TorchServeOrders::place(const Order& order) {
  {
    const std::lock_guard lock(mutex_);
    drop_other_tokens(order.by, order.what);
    const auto [position, added] = entries_.try_emplace(key_of(order), Entry{.order = order});
    Entry& entry = position->second;
    if (!added && entry.order == order) return;
    entry.order = order;
    entry.failures = 0;
    entry.due = clock_.steady();
  }
  if (wake_) wake_();
}

std::optional<TorchServeOrders::Placed> TorchServeOrders::about(const VersionKey& version) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({version, false});
  if (found == entries_.end()) return std::nullopt;
  return Placed{found->second.order, found->second.problem};
}

bool TorchServeOrders::is_to_be_default(const VersionKey& version) const {
  const std::lock_guard lock(mutex_);
  return entries_.contains({version, true});
}

void TorchServeOrders::forget(const kubernetes::ObjectKey& object) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) {
    return entry.second.order.by == object && !std::holds_alternative<BeGone>(entry.second.order.goal);
  });
}

void TorchServeOrders::forget_other_tokens(const kubernetes::ObjectKey& object, const VersionKey& version) {
  const std::lock_guard lock(mutex_);
  drop_other_tokens(object, version);
}

void TorchServeOrders::drop_other_tokens(const kubernetes::ObjectKey& object, const VersionKey& version) {
  std::erase_if(entries_, [&](const auto& entry) {
    VersionKey what = entry.second.order.what;
    if (entry.second.order.by != object || what.on.server.token == version.on.server.token) return false;
    what.on.server.token = version.on.server.token;
    return what == version;
  });
}

std::vector<Order> TorchServeOrders::take_due(std::size_t most) {
  std::vector<Order> due;
  const std::lock_guard lock(mutex_);
  for (auto& [key, entry] : entries_) {
    if (due.size() >= most) break;
    if (entry.running || entry.due > clock_.steady()) continue;
    entry.running = true;
    due.push_back(entry.order);
  }
  return due;
}

std::optional<std::string> TorchServeOrders::note(Entry& entry, const ApiError& error) {
  entry.problem = error.message;
  entry.due = clock_.steady() + pause_after(++entry.failures);
  const bool awaited = std::holds_alternative<HaveWorkers>(entry.order.goal);
  if (awaited || entry.failures < kTriesToTidyUp) return std::nullopt;
  return "given up after " + std::to_string(kTriesToTidyUp) + " tries: " + error.message;
}

bool TorchServeOrders::carry_out(const Order& order, const std::stop_token& stop) {
  const ServerKey& server = order.what.on.server;
  const auto transport = servers_.at(server);
  TorchServeClient client(*transport, server.address, token_text(server));
  const auto done = workload::carry_out(order, client, stop);
  std::optional<std::string> given_up;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key_of(order));
    if (found == entries_.end()) return false;
    Entry& entry = found->second;
    entry.running = false;
    if (!(entry.order == order)) return false;  // something else is wanted by now, and due
    if (!done) given_up = note(entry, done.error());
    if (done || given_up) entries_.erase(found);
  }
  if (given_up && report_) report_(*given_up);
  return !done;
}

std::optional<SteadyTime> TorchServeOrders::next_due() const {
  const std::lock_guard lock(mutex_);
  std::optional<SteadyTime> next;
  for (const auto& [key, entry] : entries_) {
    if (!entry.running && (!next || entry.due < *next)) next = entry.due;
  }
  return next;
}

}  // namespace seraphim::workload
