#include "operator/options.h"

#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <map>

#include "api/time.h"
#include "operator/config_file.h"
#include "operator/exit_code.h"
#include "operator/help_format.h"
#include "operator/version.h"

namespace seraphim::op {
namespace {

using namespace std::chrono_literals;

constexpr auto kShortestStuck = 30s;  // one call to the API server may take 15 s

constexpr const char* kAbout =
    "Rolls out model servers by evidence: watches SeraphimDeployments, shifts traffic step by step,\n"
    "promotes good revisions and rolls bad ones back.";

constexpr const char* kFooter =
    R"(Every flag is also an environment variable, named in brackets, and a key of the configuration file,
without its dashes ("workers: 8"). A flag beats the environment, the environment beats the file.

Signals:     TERM and INT end it: what is under way is finished. USR1 makes the log more verbose by
             one level, USR2 less.
Exit codes:  0 ended by a signal
             1 it could not go on, or lost its Lease: start it again
             2 wrong flags, configuration file or access to the cluster
             3 the cluster does not know SeraphimDeployments: install the CRD)";

/// --lease-name is SERAPHIM_LEASE_NAME.
std::string environment_name(std::string flag) {
  for (char& c : flag) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return "SERAPHIM_" + flag;
}

/// Declares the flags, one function for each group of --help.
class Flags {
 public:
  Flags(CLI::App& app, Options& options) : app_(app), options_(options) {}

  void cluster() {
    add("kubeconfig", options_.kubeconfig, "FILE",
        "Kubeconfig; else the pod's service account, else KUBECONFIG, else ~/.kube/config");
    add("context", options_.context, "NAME", "Context in the kubeconfig; else its current one");
    add("namespace", options_.namespace_, "NAME", "Only this namespace; else all");
  }
  void work() {
    add("workers", options_.workers, "N", "Objects looked at in parallel, 1 to 64")
        ->check(CLI::Range(1, 64).description(""))
        ->capture_default_str();
    const auto read = [this](const std::string& text) {
      const auto time = api::parse_duration(text);
      if (!time) throw CLI::ValidationError("--stuck-after", time.error());
      if (*time < kShortestStuck) throw CLI::ValidationError("--stuck-after", "write 30s or more");
      options_.stuck_after = *time;
    };
    finish(app_.add_option_function<std::string>("--stuck-after", read,
                                                 "A look at one object that takes longer, or work that "
                                                 "nobody takes for so long, makes /livez fail"),
           "stuck-after", "TIME")
        ->default_str("5m");
  }
  void replicas() {
    finish(app_.add_flag("--leader-elect,!--no-leader-elect", options_.leader_elect,
                         "Act only while holding the Lease; needed with more than one replica"),
           "leader-elect", "")
        ->default_str("true");
    add("lease-name", options_.lease_name, "NAME", "Name of the Lease")->capture_default_str();
    add("lease-namespace", options_.lease_namespace, "NAME",
        "Namespace of the Lease; else that of the pod, or of the kubeconfig's context");
    add("identity", options_.identity, "NAME",
        "Name of this replica in the Lease and in Events; else host name and a random part");
  }
  void server() {
    add("metrics-address", options_.metrics_address, "HOST:PORT",
        "Where /metrics, /livez and /readyz are; :PORT for all addresses; empty for none")
        ->capture_default_str();
    add("metrics-tls-cert", options_.metrics_tls_cert, "FILE",
        "Certificate chain (PEM) to serve them by HTTPS; read anew for each connection");
    add("metrics-tls-key", options_.metrics_tls_key, "FILE", "Its private key (PEM)");
  }
  void logs() {
    add("log-level", options_.log_level, "LEVEL", "trace, debug, info, warn or error")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}).description(""))
        ->capture_default_str();
    const std::map<std::string, LogFormat> formats{{"text", LogFormat::text}, {"json", LogFormat::json}};
    add("log-format", options_.log_format, "FORMAT", "text or json")
        ->transform(CLI::CheckedTransformer(formats).description(""))
        ->default_str("text");
  }
  void group(const std::string& name) { group_ = name; }

 private:
  template <typename T>
  CLI::Option* add(const std::string& name, T& value, const char* type, const char* meaning) {
    return finish(app_.add_option("--" + name, value, meaning), name, type);
  }
  CLI::Option* finish(CLI::Option* option, const std::string& name, const char* type) const {
    return option->type_name(type)->envname(environment_name(name))->group(group_);
  }

  CLI::App& app_;
  Options& options_;
  std::string group_;
};

/// The flag of a key, if it may be set by a file.
CLI::Option* option_of(CLI::App& app, const std::string& key) {
  auto* option = app.get_option_no_throw("--" + key);
  return option == nullptr || option->get_envname().empty() || key.starts_with("no-") || key == "config"
             ? nullptr
             : option;
}

/// What neither a flag nor the environment has set. Throws CLI::ParseError with file and line.
void apply_file(CLI::App& app, const std::filesystem::path& file) {
  const auto entries = read_config_file(file);
  if (!entries) throw CLI::ParseError("--config: " + entries.error(), kUnusable);
  for (const auto& [key, value, line] : *entries) {
    const std::string where = file.string() + ":" + std::to_string(line) + ": ";
    auto* option = option_of(app, key);
    if (option == nullptr)
      throw CLI::ParseError(where + "there is no setting '" + key + "'; the keys are the flags without --",
                            kUnusable);
    if (option->count() > 0) continue;
    try {
      option->add_result(option->get_expected_max() == 0 ? option->get_flag_value(key, value) : value);
      option->run_callback();
    } catch (const CLI::ParseError& error) {
      throw CLI::ParseError(where + error.what(), kUnusable);
    }
  }
}

void check_together(const Options& options) {
  if (options.metrics_tls_cert.empty() != options.metrics_tls_key.empty())
    throw CLI::ParseError("--metrics-tls-cert and --metrics-tls-key belong together: give both or none",
                          kUnusable);
}

}  // namespace

std::variant<Options, ExitNow> parse_options(int argc, const char* const* argv) {
  Options options;
  std::filesystem::path file;
  CLI::App app{kAbout, "seraphim-operator"};
  app.formatter(std::make_shared<HelpFormat>());
  app.footer(kFooter);
  app.set_help_flag();  // declared again below: the last group of --help
  Flags flags(app, options);
  using Group = std::pair<const char*, void (Flags::*)()>;
  const std::array groups{Group{"Cluster", &Flags::cluster}, Group{"Work", &Flags::work},
                          Group{"Replicas", &Flags::replicas}, Group{"Metrics and health", &Flags::server},
                          Group{"Logs", &Flags::logs}};
  for (const auto& [name, declare] : groups) {
    flags.group(name);
    (flags.*declare)();
  }
  app.add_option("--config", file, "Configuration file, in YAML")
      ->type_name("FILE")
      ->envname("SERAPHIM_CONFIG")
      ->group("Other");
  app.set_version_flag("--version", kVersionText, "Print version and commit, and exit")->group("Other");
  app.set_help_flag("-h,--help", "Print this help, and exit")->group("Other");
  try {
    app.parse(argc, argv);
    if (!file.empty()) apply_file(app, file);
    check_together(options);
  } catch (const CLI::ParseError& error) {
    return ExitNow{app.exit(error) == 0 ? kEnded : kUnusable};
  }
  return options;
}

}  // namespace seraphim::op
