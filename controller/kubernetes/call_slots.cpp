#include "kubernetes/call_slots.h"

namespace seraphim::kubernetes {

CallSlots::Slot CallSlots::acquire(std::chrono::steady_clock::time_point deadline,
                                   const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_until(lock, stop, deadline, [this] { return free_ > 0; })) return nullptr;
  --free_;
  lock.unlock();
  return {this, [slots = shared_from_this()](void*) { slots->release(); }};
}

void CallSlots::release() {
  {
    const std::lock_guard lock(mutex_);
    ++free_;
  }
  changed_.notify_one();
}

}  // namespace seraphim::kubernetes
