// Kubeconfigs with a credential helper program: what it is told, what it may answer, when it runs again, and
// how it goes wrong. The programs are shell scripts.
#include "kubernetes/exec_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "kubernetes/helper_process.h"
#include "kubernetes/kubeconfig.h"
#include "kubernetes/temporary_folder.h"
#include "kubernetes/test_pki.h"

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr const char* kVersion = "client.authentication.k8s.io/v1";

/// Real time for what real programs take, and a wall clock that a test sets.
struct TestClock final : Clock {
  WallTime now = WallTime(std::chrono::seconds(1'800'000'000));  // 2027-01-15T08:00:00Z
  SteadyTime steady() const override { return system_clock().steady(); }
  WallTime wall() const override { return now; }
};

struct ExecTest : ::testing::Test {
  /// A helper program; its runs are counted in the file `runs`.
  std::string script(const std::string& lines) {
    const auto file = folder.write("login", "#!/bin/sh\ncd \"$(dirname \"$0\")\"\necho run >>runs\n" + lines);
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return file.string();
  }
  /// Prints this status.
  std::string printing(const json& status) {
    const json answer = {{"apiVersion", kVersion}, {"kind", "ExecCredential"}, {"status", status}};
    folder.write("answer", answer.dump());
    return script("cat answer\n");
  }
  std::size_t runs() const {
    std::ifstream file(folder.path() / "runs");
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) ++count;
    return count;
  }
  using Access = tl::expected<ClusterAccess, std::string>;
  Access load(const std::string& exec, const HelperRules& rules) {
    return load_kubeconfig(
        folder.write("config",
                     "current-context: dev\n"
                     "contexts: [{name: dev, context: {cluster: c, user: u}}]\n"
                     "clusters: [{name: c, cluster: {server: 'https://10.1.2.3:6443'}}]\n"
                     "users:\n- name: u\n  user:\n    exec:\n" +
                         exec),
        "", [] { return std::chrono::steady_clock::time_point{}; }, rules);
  }
  Access load(const std::string& exec) { return load(exec, {.clock = &clock, .longest = 20s}); }
  static std::string usual(const std::string& more = "") {
    return std::string("      apiVersion: ") + kVersion + "\n      command: ./login\n" + more;
  }
  std::string error_of(const std::string& exec) {
    const auto access = load(exec);
    return access ? "no error" : access.error();
  }

  testing::TemporaryFolder folder;
  TestClock clock;
};

TEST_F(ExecTest, ATokenIsTheProgramsAndIsAskedForOnce) {
  printing({{"token", "abc.def"}});
  const auto access = load(usual());
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->credentials->bearer_token(), "abc.def");
  EXPECT_EQ(access->credentials->bearer_token(), "abc.def");
  EXPECT_EQ(runs(), 1u);
  access->credentials->on_unauthorized();
  EXPECT_EQ(access->credentials->bearer_token(), "abc.def");
  EXPECT_EQ(runs(), 2u) << "the server did not take the last one";
}

TEST_F(ExecTest, ACredentialThatExpiresIsFetchedAgainALittleBefore) {
  printing({{"token", "one"}, {"expirationTimestamp", "2027-01-15T09:30:00.25+01:00"}});  // in half an hour
  const auto access = load(usual());
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->credentials->bearer_token(), "one");
  printing({{"token", "two"}});
  clock.now += 29min;
  EXPECT_EQ(access->credentials->bearer_token(), "one");
  clock.now += 55s;
  EXPECT_EQ(access->credentials->bearer_token(), "two");
  EXPECT_EQ(runs(), 2u);
}

TEST_F(ExecTest, AClientCertificateIsUsedBesideTheClustersAuthority) {
  const testing::TestAuthority authority("ca");
  const auto identity = authority.issue("me", {});
  printing(
      {{"clientCertificateData", identity.certificate_pem}, {"clientKeyData", identity.private_key_pem}});
  const auto access = load(usual());
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(access->credentials->tls().certificate_pem, identity.certificate_pem);
  EXPECT_EQ(access->credentials->bearer_token(), "");
  EXPECT_EQ(runs(), 1u);
  printing({{"clientCertificateData", "rubbish"}, {"clientKeyData", "rubbish"}});
  EXPECT_THAT(error_of(usual()), HasSubstr("write PEM texts that belong together"));
}

TEST_F(ExecTest, TheProgramIsToldWhatTheKubeconfigSays) {
  script(
      "printf '%s' \"$KUBERNETES_EXEC_INFO\" >info; echo \"$1|$2|$REGION\" >words\n"
      "cat <<END\n{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", "
      "\"status\": {\"token\": \"t\"}}\nEND\n");
  const auto access =
      load(usual("      args: [get-token, 'a b']\n      env: [{name: REGION, value: eu}]\n"
                 "      provideClusterInfo: true\n      interactiveMode: IfAvailable\n"));
  ASSERT_TRUE(access) << access.error();
  EXPECT_EQ(read_small_file(folder.path() / "words", 1000).value(), "get-token|a b|eu\n");
  EXPECT_EQ(json::parse(read_small_file(folder.path() / "info", 10'000).value()),
            (json{{"apiVersion", kVersion},
                  {"kind", "ExecCredential"},
                  {"spec", {{"interactive", false}, {"cluster", {{"server", "https://10.1.2.3:6443"}}}}}}));
}

TEST_F(ExecTest, NobodyIsAskedWithoutATerminal) {
  script(
      "read -r answer && exit 7\ncat <<END\n{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": "
      "\"ExecCredential\", \"status\": {\"token\": \"t\"}}\nEND\n");
  EXPECT_TRUE(load(usual())) << "its standard input is empty";
  EXPECT_THAT(error_of(usual("      interactiveMode: Always\n")), HasSubstr("run this in a terminal"));
}

TEST_F(ExecTest, WhereNoHelpersAreRunItIsRefusedAsBefore) {
  printing({{"token", "t"}});
  const auto access = load(usual(), {});
  ASSERT_FALSE(access);
  EXPECT_THAT(access.error(),
              HasSubstr("users[u].user.exec: credential helper programs are not run; write a token"));
  EXPECT_EQ(runs(), 0u);
}

TEST_F(ExecTest, WhatIsWrongInTheKubeconfigIsSaid) {
  printing({{"token", "t"}});
  EXPECT_THAT(error_of("      apiVersion: client.authentication.k8s.io/v1alpha1\n      command: ./login\n"),
              HasSubstr("exec.apiVersion: 'client.authentication.k8s.io/v1alpha1' is not supported; write "));
  EXPECT_THAT(error_of(std::string("      apiVersion: ") + kVersion + "\n"),
              HasSubstr("exec.command is missing"));
  EXPECT_THAT(error_of(usual("      args: no list\n")), HasSubstr("exec.args is not a list"));
  EXPECT_THAT(error_of(usual("      env: [{value: a}]\n")),
              HasSubstr("exec.env has an entry without a name"));
  EXPECT_EQ(runs(), 0u);
}

TEST_F(ExecTest, AProgramThatIsNotThereIsNamedWithItsHint) {
  EXPECT_THAT(
      error_of(
          std::string("      apiVersion: ") + kVersion +
          "\n      command: no-such-login\n      installHint: |\n        Install it:\n        apt get\n"),
      AllOf(HasSubstr("cannot run 'no-such-login': No such file or directory; Install it: apt get"),
            Not(HasSubstr("\n"))));
}

TEST_F(ExecTest, AProgramThatFailsIsSaidAndItsOutputIsNot) {
  script("echo secret; exit 3\n");
  EXPECT_THAT(error_of(usual()), AllOf(HasSubstr("login' ended with exit code 3"), Not(HasSubstr("secret"))));
  script("kill -9 $$\n");
  EXPECT_THAT(error_of(usual()), HasSubstr("was ended by signal 9"));
  script("echo secret\n");
  EXPECT_THAT(error_of(usual()),
              AllOf(HasSubstr("did not print an ExecCredential in JSON"), Not(HasSubstr("secret"))));
}

TEST_F(ExecTest, AProgramThatHangsIsEndedInTime) {
  script("exec sleep 600\n");
  const auto before = clock.steady();
  const auto access = load(usual(), {.clock = &clock, .longest = 200ms});
  ASSERT_FALSE(access);
  EXPECT_THAT(access.error(), HasSubstr("login' gave no answer in time"));
  script("exec sleep 600 >&-\n");
  EXPECT_THAT(load(usual(), {.clock = &clock, .longest = 200ms}).error(), HasSubstr("did not end in time"));
  EXPECT_LT(clock.steady() - before, 20s);
}

TEST(ExecCredentialAnswer, OnlyAWholeOneIsTaken) {
  const auto error = [](const json& answer) {
    const auto read = read_exec_credential(answer.dump(), kVersion);
    return read ? "no error" : read.error();
  };
  const auto with = [](const json& status) {
    return json{{"apiVersion", kVersion}, {"kind", "ExecCredential"}, {"status", status}};
  };
  EXPECT_EQ(error(with({{"token", "t"}})), "no error");
  EXPECT_THAT(error({{"kind", "Status"}}), HasSubstr("did not print an ExecCredential"));
  EXPECT_THAT(error({{"apiVersion", "client.authentication.k8s.io/v1beta1"}, {"kind", "ExecCredential"}}),
              HasSubstr("printed another apiVersion than client.authentication.k8s.io/v1"));
  EXPECT_THAT(error(with(json::object())), HasSubstr("neither a token nor a client certificate"));
  EXPECT_THAT(error(with({{"clientKeyData", "k"}})), HasSubstr("without the other"));
  EXPECT_THAT(error(with({{"token", "a\nb"}})), HasSubstr("white space"));
  for (const char* time : {"tomorrow", "2027-01-15", "2027-01-15T09:30:00", "2027-01-15T09:30:00Zulu"})
    EXPECT_THAT(error(with({{"token", "t"}, {"expirationTimestamp", time}})),
                HasSubstr("is no time such as"));
  const auto read = read_exec_credential(
      with({{"token", "t"}, {"expirationTimestamp", "2027-01-15T08:00:00Z"}}).dump(), kVersion);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->expires, WallTime(std::chrono::seconds(1'800'000'000)));
}

TEST(HelperProgram, AVariableOfItsOwnCountsInPlaceOfThisProcess) {
  setenv("SERAPHIM_HELPER_TEST", "outer", 1);
  const HelperProgram outer{.command = "sh", .arguments = {"-c", "printf %s \"$SERAPHIM_HELPER_TEST\""}};
  EXPECT_EQ(output_of(outer, 20s, system_clock()).value(), "outer");
  HelperProgram inner = outer;
  inner.environment = {"SERAPHIM_HELPER_TEST=inner"};
  EXPECT_EQ(output_of(inner, 20s, system_clock()).value(), "inner");
  unsetenv("SERAPHIM_HELPER_TEST");
}

TEST(HelperProgram, TooMuchOutputIsGivenUp) {
  const HelperProgram endless{.command = "cat", .arguments = {"/dev/zero"}};
  const auto output = output_of(endless, 60s, system_clock());
  ASSERT_FALSE(output);
  EXPECT_THAT(output.error(), HasSubstr("'cat' wrote more than a megabyte"));
}

}  // namespace
}  // namespace seraphim::kubernetes
