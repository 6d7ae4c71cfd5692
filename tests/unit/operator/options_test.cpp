// Flags, environment variables and the configuration file: which wins, and what is refused.
#include "operator/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <vector>

#include "kubernetes/temporary_folder.h"

namespace seraphim::op {
namespace {

using kubernetes::testing::TemporaryFolder;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

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
  EXPECT_EQ(options.stuck_after, 5min);
  EXPECT_EQ(options.metrics_tls_cert, "");
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
  EXPECT_EQ(options.stuck_after, 90s);
  EXPECT_EQ(options.metrics_tls_cert, "/c");
  EXPECT_EQ(options.metrics_tls_key, "/p");
}

TEST(Options, Flags) {
  expect_all_set(parse({"--kubeconfig=/k", "--context", "c", "--namespace", "n", "--workers", "9",
                        "--no-leader-elect", "--lease-name=l", "--lease-namespace=ln", "--identity=i",
                        "--metrics-address=0.0.0.0:1", "--log-level=debug", "--log-format=json",
                        "--stuck-after=90s", "--metrics-tls-cert=/c", "--metrics-tls-key=/p"})
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
                            {"SERAPHIM_LOG_FORMAT", "json"},
                            {"SERAPHIM_STUCK_AFTER", "1m30s"},
                            {"SERAPHIM_METRICS_TLS_CERT", "/c"},
                            {"SERAPHIM_METRICS_TLS_KEY", "/p"}})
                     .options());
}

const char* const kWholeFile = R"(# everything
kubeconfig: /k
context: c
namespace: n
workers: 9
leader-elect: false
lease-name: l
lease-namespace: ln
identity: i
metrics-address: "0.0.0.0:1"
metrics-tls-cert: /c
metrics-tls-key: /p
log-level: debug
log-format: json
stuck-after: 90s
)";

/// `text` as the configuration file.
Outcome parse_file(const std::string& text, std::vector<const char*> flags = {},
                   const std::map<std::string, std::string>& environment = {}) {
  const TemporaryFolder folder;
  const std::string file = folder.write("operator.yaml", text).string();
  flags.insert(flags.end(), {"--config", file.c_str()});
  return parse(flags, environment);
}

TEST(Options, File) {
  expect_all_set(parse_file(kWholeFile).options());
}

TEST(Options, TheFileMayBeNamedByTheEnvironment) {
  const TemporaryFolder folder;
  const auto file = folder.write("operator.yaml", "workers: 9\n");
  EXPECT_EQ(parse({}, {{"SERAPHIM_CONFIG", file.string()}}).options().workers, 9);
}

TEST(Options, AnEmptyFileChangesNothing) {
  EXPECT_EQ(parse_file("").options().workers, 4);
  EXPECT_EQ(parse_file("# nothing\n").options().workers, 4);
}

TEST(Options, FlagsBeatTheEnvironmentWhichBeatsTheFile) {
  const std::string file = "workers: 9\nleader-elect: false\nlog-level: debug\nstuck-after: 90s\n";
  const auto options = parse_file(file, {"--workers=2", "--leader-elect", "--stuck-after=3m"},
                                  {{"SERAPHIM_WORKERS", "3"}, {"SERAPHIM_LOG_LEVEL", "warn"}})
                           .options();
  EXPECT_EQ(options.workers, 2);
  EXPECT_TRUE(options.leader_elect);
  EXPECT_EQ(options.log_level, "warn");
  EXPECT_EQ(options.stuck_after, 3min);
}

struct BadFile {
  const char* name;
  const char* text;
  const char* complaint;
};

class BadFiles : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadFiles, AreSaidWithTheirLineAndEndTheProgram) {
  const auto outcome = parse_file(GetParam().text);
  ASSERT_TRUE(std::holds_alternative<ExitNow>(outcome.parsed));
  EXPECT_EQ(outcome.code(), 2);
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadFiles,
    ::testing::Values(
        BadFile{"UnknownKey", "log-level: info\nworker: 3\n",
                "operator.yaml:2: there is no setting 'worker'"},
        BadFile{"WrongValue", "workers: 70\n", "operator.yaml:1: --workers: "},
        BadFile{"WrongFlagValue", "leader-elect: perhaps\n", "operator.yaml:1: "},
        BadFile{"NestedValue", "workers:\n  many: 3\n", "operator.yaml:1: 'workers' wants one value"},
        BadFile{"Twice", "workers: 3\nworkers: 4\n", "operator.yaml:2: 'workers' is there twice"},
        BadFile{"List", "- workers\n", "write one 'key: value' a line"},
        BadFile{"NotYaml", "workers: [3\n", "operator.yaml:"},
        BadFile{"TheFileItself", "config: x\n", "there is no setting 'config'"},
        BadFile{"Help", "help: true\n", "there is no setting 'help'"},
        BadFile{"Negative", "no-leader-elect: true\n", "there is no setting 'no-leader-elect'"},
        BadFile{"HalfOfTls", "metrics-tls-cert: /c\n", "belong together"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Options, AFileThatIsNotThereIsSaid) {
  const auto outcome = parse({"--config=/nowhere/x.yaml"});
  EXPECT_EQ(outcome.code(), 2);
  EXPECT_THAT(outcome.err, HasSubstr("cannot read /nowhere/x.yaml"));
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
  EXPECT_EQ(outcome.code(), 2);
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
                      Mistake{"NoTime", {"--stuck-after=soon"}, {}, "--stuck-after"},
                      Mistake{"TooShort", {"--stuck-after=29s"}, {}, "write 30s or more"},
                      Mistake{"CertificateAlone", {"--metrics-tls-cert=/c"}, {}, "belong together"},
                      Mistake{"KeyAlone", {"--metrics-tls-key=/c"}, {}, "belong together"},
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

TEST(Options, HelpSaysAboutEachFlagWhatElseItIs) {
  const std::string help = parse({"--help"}).out;
  EXPECT_THAT(help,
              HasSubstr("  --lease-name NAME\n        Name of the Lease\n        [default seraphim-operator, "
                        "SERAPHIM_LEASE_NAME]\n"));
  for (const char* group : {"Cluster:", "Work:", "Replicas:", "Metrics and health:", "Logs:", "Other:"})
    EXPECT_THAT(help, HasSubstr(group));
  EXPECT_THAT(help, HasSubstr("3 the cluster does not know SeraphimDeployments"));
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 110u) << line;
}

TEST(Options, TheManualPageHasEachOfThem) {
  std::ifstream file(SERAPHIM_SOURCE_DIR "/docs/man/seraphim-operator.8");
  std::string page(std::istreambuf_iterator<char>(file), {});
  page.erase(std::remove(page.begin(), page.end(), '\\'), page.end());
  const std::string help = parse({"--help"}).out;
  const std::regex word("--[a-z][a-z-]+|SERAPHIM_[A-Z_]+|default [^,\\]]+");
  for (std::sregex_iterator at(help.begin(), help.end(), word), end; at != end; ++at)
    EXPECT_THAT(page, HasSubstr(at->str()));
}

}  // namespace
}  // namespace seraphim::op
