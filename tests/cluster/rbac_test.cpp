// After all tests: the operators had no right that none of them needed, and none of them missed one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "audit_log.h"
#include "operator_pod.h"
#include "rbac_use.h"

namespace seraphim::cluster {
namespace {

class EveryRightIsUsed : public ::testing::Environment {
 public:
  void SetUp() override {
    // Tests of the chart alone run without a cluster; all others fail without one.
    if (std::getenv("SERAPHIM_AUDIT_LOG") != nullptr) audit_ = std::make_unique<AuditLog>();
  }
  void TearDown() override {
    if (!audit_) return;
    const RbacUse use = rbac_use(*audit_);
    for (const auto& right : use.unused) std::cout << "rbac: not used: " << right << "\n";
    for (const auto& request : use.forbidden) std::cout << "rbac: forbidden: " << request << "\n";
    std::cout << "rbac: " << use.unused.size() << " unused, " << use.forbidden.size() << " forbidden\n";
    // A figure on this host, a condition where the operators have no more than the chart's rights.
    if (!operators_run_in_pods()) return;
    EXPECT_TRUE(use.forbidden.empty());
    // A few tests alone do not need everything.
    const bool all_tests = GTEST_FLAG_GET(filter) == "*";
    EXPECT_TRUE(use.unused.empty() || !all_tests);
  }

 private:
  std::unique_ptr<AuditLog> audit_;
};

[[maybe_unused]] const auto* const kRegistered = ::testing::AddGlobalTestEnvironment(new EveryRightIsUsed);

}  // namespace
}  // namespace seraphim::cluster
