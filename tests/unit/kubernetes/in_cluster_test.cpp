#include "kubernetes/in_cluster.h"

#include <gtest/gtest.h>

#include "kubernetes/temporary_folder.h"
#include "kubernetes/test_pki.h"

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;

struct InClusterTest : ::testing::Test {
  InClusterTest() {
    folder.write("ca.crt", authority.certificate_pem());
    folder.write("token", "first");
    folder.write("namespace", "seraphim-system\n");
  }
  auto load(std::string host = "10.0.0.1", std::string port = "443") {
    return load_in_cluster({std::move(host), std::move(port), folder.path()}, [this] { return now; });
  }
  void expect_error(const tl::expected<ClusterAccess, std::string>& access, const std::string& part) {
    ASSERT_FALSE(access.has_value());
    EXPECT_NE(access.error().find(part), std::string::npos) << access.error();
  }

  testing::TestAuthority authority{"cluster-ca"};
  testing::TemporaryFolder folder;
  std::chrono::steady_clock::time_point now{};
};

TEST_F(InClusterTest, ReadsTheServiceAccount) {
  const auto access = load();
  ASSERT_TRUE(access.has_value()) << access.error();
  EXPECT_EQ(access->endpoint.url, "https://10.0.0.1:443");
  EXPECT_EQ(access->default_namespace, "seraphim-system");
  EXPECT_EQ(access->credentials->bearer_token(), "first");
  EXPECT_EQ(access->credentials->tls().ca_pem, authority.certificate_pem());
}

TEST_F(InClusterTest, BracketsIpv6) {
  EXPECT_EQ(load("fd00::1")->endpoint.url, "https://[fd00::1]:443");
}

TEST_F(InClusterTest, TheTokenRotates) {
  const auto access = load();
  EXPECT_EQ(access->credentials->bearer_token(), "first");
  folder.write("token", "second");
  now += 60s;
  EXPECT_EQ(access->credentials->bearer_token(), "second");
}

TEST_F(InClusterTest, SaysWhatIsMissing) {
  expect_error(load("", ""), "KUBERNETES_SERVICE_HOST");
  for (const char* name : {"token", "namespace", "ca.crt"}) {
    std::filesystem::remove(folder.path() / name);
    expect_error(load(), name);
    expect_error(load(), "automountServiceAccountToken");
    folder.write(name, "");
    expect_error(load(), name);
    folder.write(name, std::string(name) == "ca.crt" ? authority.certificate_pem() : "text");
  }
  folder.write("ca.crt", "garbage");
  expect_error(load(), "holds no PEM certificate");
}

}  // namespace
}  // namespace seraphim::kubernetes
