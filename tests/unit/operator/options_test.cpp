// Flags, their environment variables, and what is refused.
#include "operator/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <vector>

namespace seraphim::op {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  std::variant<Options, ExitNow> parsed;
  std::string out, err;

  const Options& options() const { return std::get<Options>(parsed); }
  int code() const { return std::get<ExitNow>(parsed).code; }
};

Outcome parse(std::vector<const char*> flags, const std::map<std::string, std::string>& environment = {}) {
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  flags.insert(flags.begin(), "seraphim-operator");
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  auto parsed = parse_options(static_cast<int>(flags.size()), flags.data());
  std::string err = ::testing::internal::GetCapturedStderr();
  std::string out = ::testing::internal::GetCapturedStdout();
  for (const auto& [name, value] : environment) unsetenv(name.c_str());
  return {std::move(parsed), std::move(out), std::move(err)};
}

TEST(Options, Defaults) {
  const auto options = parse({}).options();
  EXPECT_EQ(options.kubeconfig, "");
  EXPECT_EQ(options.context, "");
  EXPECT_EQ(options.namespace_, "");
  EXPECT_EQ(options.workers, 4);
  EXPECT_TRUE(options.leader_elect);
  EXPECT_EQ(options.lease_name, "seraphim-operator");
  EXPECT_EQ(options.lease_namespace, "");
  EXPECT_EQ(options.identity, "");
  EXPECT_EQ(options.metrics_address, "127.0.0.1:9800");
  EXPECT_EQ(options.log_level, "info");
  EXPECT_EQ(options.log_format, LogFormat::text);
}

void expect_all_set(const Options& options) {
  EXPECT_EQ(options.kubeconfig, "/k");
  EXPECT_EQ(options.context, "c");
  EXPECT_EQ(options.namespace_, "n");
  EXPECT_EQ(options.workers, 9);
  EXPECT_FALSE(options.leader_elect);
  EXPECT_EQ(options.lease_name, "l");
  EXPECT_EQ(options.lease_namespace, "ln");
  EXPECT_EQ(options.identity, "i");
  EXPECT_EQ(options.metrics_address, "0.0.0.0:1");
  EXPECT_EQ(options.log_level, "debug");
  EXPECT_EQ(options.log_format, LogFormat::json);
}

TEST(Options, Flags) {
  expect_all_set(parse({"--kubeconfig=/k", "--context", "c", "--namespace", "n", "--workers", "9",
                        "--no-leader-elect", "--lease-name=l", "--lease-namespace=ln", "--identity=i",
                        "--metrics-address=0.0.0.0:1", "--log-level=debug", "--log-format=json"})
                     .options());
}

TEST(Options, Environment) {
  expect_all_set(parse({}, {{"SERAPHIM_KUBECONFIG", "/k"},
                            {"SERAPHIM_CONTEXT", "c"},
                            {"SERAPHIM_NAMESPACE", "n"},
                            {"SERAPHIM_WORKERS", "9"},
                            {"SERAPHIM_LEADER_ELECT", "false"},
                            {"SERAPHIM_LEASE_NAME", "l"},
                            {"SERAPHIM_LEASE_NAMESPACE", "ln"},
                            {"SERAPHIM_IDENTITY", "i"},
                            {"SERAPHIM_METRICS_ADDRESS", "0.0.0.0:1"},
                            {"SERAPHIM_LOG_LEVEL", "debug"},
                            {"SERAPHIM_LOG_FORMAT", "json"}})
                     .options());
}

TEST(Options, AFlagBeatsTheEnvironment) {
  EXPECT_EQ(parse({"--workers=2"}, {{"SERAPHIM_WORKERS", "9"}}).options().workers, 2);
  EXPECT_TRUE(parse({"--leader-elect"}, {{"SERAPHIM_LEADER_ELECT", "false"}}).options().leader_elect);
}

TEST(Options, AnEmptyMetricsAddressMeansNone) {
  EXPECT_EQ(parse({"--metrics-address", ""}).options().metrics_address, "");
}

struct Mistake {
  const char* name;
  std::vector<const char*> flags;
  std::map<std::string, std::string> environment;
  const char* complaint;
};

class Mistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreSaidAndEndTheProgram) {
  const auto outcome = parse(GetParam().flags, GetParam().environment);
  ASSERT_TRUE(std::holds_alternative<ExitNow>(outcome.parsed));
  EXPECT_NE(outcome.code(), 0);
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Table, Mistakes,
    ::testing::Values(Mistake{"UnknownFlag", {"--worker=3"}, {}, "--worker"},
                      Mistake{"StrayWord", {"run"}, {}, "run"},
                      Mistake{"NoWorkers", {"--workers=0"}, {}, "--workers"},
                      Mistake{"TooManyWorkers", {"--workers=65"}, {}, "--workers"},
                      Mistake{"NotANumber", {"--workers=many"}, {}, "--workers"},
                      Mistake{"WrongLevel", {"--log-level=loud"}, {}, "--log-level"},
                      Mistake{"WrongFormat", {"--log-format=xml"}, {}, "--log-format"},
                      Mistake{"WrongEnvironment", {}, {{"SERAPHIM_WORKERS", "0"}}, "--workers"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Options, HelpAndVersionEndWell) {
  const auto help = parse({"--help"});
  EXPECT_EQ(help.code(), 0);
  EXPECT_THAT(help.out, HasSubstr("--no-leader-elect"));
  EXPECT_THAT(help.out, HasSubstr("SERAPHIM_WORKERS"));
  const auto version = parse({"--version"});
  EXPECT_EQ(version.code(), 0);
  EXPECT_THAT(version.out, HasSubstr("seraphim-operator "));
}

}  // namespace
}  // namespace seraphim::op
