#include "answers_under_way.h"

#include <algorithm>

namespace seraphim::demo {

using std::chrono::steady_clock;

void AnswersUnderWay::begin() {
  const std::lock_guard lock(mutex_);
  ++count_;
  changed_.notify_all();
}

void AnswersUnderWay::end() {
  const std::lock_guard lock(mutex_);
  --count_;
  changed_.notify_all();
}

int AnswersUnderWay::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void AnswersUnderWay::start_ending() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
}

bool AnswersUnderWay::ending() const {
  const std::lock_guard lock(mutex_);
  return ending_;
}

bool AnswersUnderWay::wait_until_quiet(std::chrono::milliseconds quiet, std::chrono::milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  std::unique_lock lock(mutex_);
  while (true) {
    if (!changed_.wait_until(lock, deadline, [this] { return count_ == 0; })) return false;
    const auto quiet_until = std::min(steady_clock::now() + quiet, deadline);
    if (!changed_.wait_until(lock, quiet_until, [this] { return count_ > 0; })) return true;
  }
}

}  // namespace seraphim::demo
