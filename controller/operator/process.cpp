#include "operator/process.h"

#include <spdlog/logger.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <stdexcept>

#include "kubernetes/api_client.h"
#include "kubernetes/event_runner.h"
#include "kubernetes/fenced_transport.h"
#include "kubernetes/leader_runner.h"
#include "kubernetes/transport_cpprest.h"
#include "kubernetes/workers.h"
#include "operator/cluster_facts.h"
#include "operator/exit_code.h"
#include "operator/gateway_reader.h"
#include "operator/health.h"
#include "operator/health_checks.h"
#include "operator/http_server.h"
#include "operator/informers.h"
#include "operator/logging.h"
#include "operator/metrics.h"
#include "operator/poll_runner.h"
#include "operator/post_mortems.h"
#include "operator/reconciler.h"
#include "operator/timed_transport.h"
#include "operator/torch_serve_runner.h"
#include "operator/triggers.h"
#include "operator/version.h"
#include "workload/secret_token.h"

namespace seraphim::op {
namespace {

using namespace std::chrono_literals;
using kubernetes::ObjectKey;

constexpr auto kDrain = 25s;                          // below the usual grace period of a pod, 30 s
constexpr std::ptrdiff_t kCallsToOneTorchServe = 32;  // loading a model keeps one busy for minutes

std::string make_identity(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const auto random = static_cast<unsigned>(kubernetes::system_random()() * 0xFFFFFF);
  return std::string(host.data()) + "-" + std::to_string(getpid()) + "-" + std::to_string(random);
}

std::optional<TlsFiles> tls_files(const Options& options) {
  if (options.metrics_tls_cert.empty()) return std::nullopt;
  return TlsFiles{options.metrics_tls_cert, options.metrics_tls_key};
}

ObjectKey lease_of(const Options& options, const kubernetes::ClusterAccess& access) {
  return {options.lease_namespace.empty() ? access.default_namespace : options.lease_namespace,
          options.lease_name};
}

/// Everything that runs, in the order of construction; destroyed backwards.
class Process {
 public:
  Process(const Options& options, const kubernetes::ClusterAccess& access, const ClusterFacts& facts,
          std::shared_ptr<spdlog::logger> log)
      : options_(options),
        log_(std::move(log)),
        identity_(make_identity(options.identity)),
        transport_(kubernetes::make_cpprest_transport(access.endpoint, access.credentials,
                                                      {.user_agent = user_agent()})),
        lease_transport_(kubernetes::make_cpprest_transport(access.endpoint, access.credentials,
                                                            {.user_agent = user_agent()})),
        lease_client_(*lease_transport_, {.timeout = 5s},
                      [this](const kubernetes::CallRecord& call) { metrics_.called(call); }),
        elector_({.lease = lease_of(options, access), .identity = identity_}, lease_client_, clock_, random_),
        fenced_(*transport_, [this] { return may_write(); }),
        client_(fenced_, {}, [this](const kubernetes::CallRecord& call) { metrics_.called(call); }),
        informers_(*transport_, options.namespace_, facts, clock_, random_,
                   [this](const std::string& what) { log_->warn("{}", what); }),
        gateway_reader_(
            client_, [](const std::string& url) { return transport_to_pod(url); }, clock_),
        events_({.instance = identity_}),
        source_([this](const std::string& address) { return transport_to_prometheus(address); }),
        collector_(source_, clock_),
        torch_serves_([this](const auto& server) { return transport_to_torch_serve(server); }, clock_,
                      [this](const std::string& what) { log_->warn("{}", what); }),
        post_mortems_(
            {.view = view(),
             .client = client_,
             .transport_for = [this](const std::string& address) { return transport_to_prometheus(address); },
             .events = events_,
             .clock = clock_,
             .log = *log_}),
        reconciler_(
            {.view = view(),
             .client = client_,
             .collector = collector_,
             .torch_serves = torch_serves_,
             .events = events_,
             .clock = clock_,
             .log = *log_,
             .on_story =
                 [this](const ObjectKey& key, const rollout::Narrative& line) {
                   metrics_.told(line.reason);
                   post_mortems_.told(key, line);
                 },
             .on_action = [this](const rollout::Action& action) { metrics_.rollouts().acted(action); },
             .on_status =
                 [this](const api::SeraphimDeployment& before, const api::Status& after) {
                   metrics_.rollouts().status_written(before, after, clock_.wall());
                 }}),
        workers_(
            queue_,
            [this](const ObjectKey& key, const std::stop_token& stop) { return reconcile(key, stop); },
            clock_,
            [this](const ObjectKey& key, const std::string& why) {
              log_->warn("{}: {}", to_string(key), why);
            }),
        event_runner_(events_, client_, clock_),
        collector_runner_(collector_, queue_, clock_),
        gateway_runner_(gateway_reader_, queue_, clock_),
        torch_serve_runner_(torch_serves_, queue_, clock_),
        post_mortem_runner_(post_mortems_, queue_, clock_),
        leader_runner_(elector_, clock_),
        http_(pages(), tls_files(options)) {}

  int run(kubernetes::ShutdownSignals& signals) {
    connect_triggers(view(), queue_, clock_);
    mind_gateways();
    informers_.view().deployments.on_change([this](const auto& before, const auto& after) {
      if (!after) metrics_.rollouts().forget(before->meta.key);
      after ? post_mortems_.changed(after) : post_mortems_.forget(before->meta.key);
      const bool runs_a_model =
          after && std::holds_alternative<api::TorchServeWorkload>(after->object.spec.workload);
      if (!runs_a_model) torch_serves_.forget((after ? after : before)->meta.key);
    });
    metrics_.watch({.queue = queue_,
                    .clock = clock_,
                    .watches = [this] { return informers_.states(); },
                    .deployments = [this] { return objects_to_tell(); }});
    informers_.start();
    start_http();
    if (!wait_until(signals, "waiting for the first lists", [this] { return informers_.synced(); }))
      return stop();
    log_->info("ready: all watches are filled");
    if (options_.leader_elect) {
      leader_runner_.start();
      log_->info("{} stands for election", identity_);
      if (!wait_until(signals, "", [this] { return elector_.leading(clock_.steady()); })) return stop();
      log_->info("{} leads", identity_);
    }
    metrics_.set_leading(true);
    event_runner_.start();
    collector_runner_.start();
    gateway_runner_.start();
    torch_serve_runner_.start();
    post_mortem_runner_.start();
    workers_.start(options_.workers);
    stage_.working = true;
    log_->info("watching {}",
               options_.namespace_.empty() ? "all namespaces" : "namespace " + options_.namespace_);
    return serve(signals);
  }

 private:
  /// Tells the replicas apart in the API server's audit log.
  std::string user_agent() const { return std::string(kUserAgent) + " (" + identity_ + ")"; }

  ClusterView view() {
    ClusterView view = informers_.view();
    view.gateway_readings = &gateway_reader_;
    return view;
  }

  /// Deployments are watched from the first object that needs them; and nobody waits for an answer about an
  /// object that is gone, or goes another way.
  void mind_gateways() {
    view().deployments.on_change([this](const auto& before, const auto& after) {
      if (after && std::holds_alternative<api::SeraphimGatewayTraffic>(after->object.spec.traffic)) {
        informers_.watch_gateways();
      } else {
        gateway_reader_.forget((after ? after : before)->meta.key);
      }
    });
  }

  static std::shared_ptr<kubernetes::Transport> transport_to_pod(const std::string& url) {
    return kubernetes::make_cpprest_transport({url}, nullptr, {.unary_calls = 1, .user_agent = kUserAgent});
  }

  std::vector<std::shared_ptr<const DeploymentObject>> objects_to_tell() {
    if (!stage_.working) return {};
    return informers_.view().deployments.list();
  }

  std::shared_ptr<kubernetes::Transport> transport_to_prometheus(const std::string& address) {
    return std::make_shared<TimedTransport>(
        kubernetes::make_cpprest_transport({address}, nullptr, {.user_agent = kUserAgent}), clock_,
        [this](const auto& status, auto took) { metrics_.asked_prometheus(status, took); });
  }

  std::unique_ptr<kubernetes::Transport> connection_to_torch_serve(const workload::ServerKey& server) {
    const auto token = server.has_token() ? std::make_shared<workload::HeldToken>() : nullptr;
    auto plain = kubernetes::make_cpprest_transport(
        {.url = server.address, .token_over_plain_http = server.token.over_plain_http}, token,
        {.unary_calls = kCallsToOneTorchServe, .user_agent = kUserAgent});
    if (!token) return plain;
    return std::make_unique<workload::TokenTransport>(
        std::move(plain), token,
        [this, where = server.token](const auto& stop) { return workload::read_token(client_, where, stop); },
        clock_);
  }

  /// Only a leader may change what a TorchServe does, as with the API server.
  std::shared_ptr<kubernetes::Transport> transport_to_torch_serve(const workload::ServerKey& server) {
    struct Fenced {
      std::unique_ptr<kubernetes::Transport> inner;
      kubernetes::FencedTransport outer;
    };
    auto inner = connection_to_torch_serve(server);
    auto& connection = *inner;
    const auto both = std::make_shared<Fenced>(
        Fenced{std::move(inner), kubernetes::FencedTransport(connection, [this] { return may_write(); })});
    return {both, &both->outer};
  }

  /// After the watches: one that does not run is a reason to be restarted.
  void start_http() {
    if (options_.metrics_address.empty()) return;
    const auto port = http_.start(options_.metrics_address);
    if (!port) throw std::runtime_error(port.error() + "; see --metrics-address");
    log_->info("serving /metrics, /livez and /readyz on port {}", *port);
  }

  HttpServer::Pages pages() {
    const Vitals vitals{.queue = queue_,
                        .collector = collector_,
                        .watches = [this] { return informers_.states(); },
                        .stage = stage_,
                        .clock = clock_,
                        .stuck_after = options_.stuck_after};
    const auto page = [](const std::string& name, std::vector<HealthCheck> checks) {
      return [page = HealthPage(name, std::move(checks))](const auto& asked) { return page.answer(asked); };
    };
    return {{"/livez", page("livez", livez_checks(vitals))},
            {"/readyz", page("readyz", readyz_checks(vitals))},
            {"/metrics", [this](const auto&) {
               return HttpAnswer{.body = metrics_.text(), .type = Metrics::kContentType};
             }}};
  }

  bool may_write() const { return !options_.leader_elect || elector_.leading(clock_.steady()); }

  kubernetes::ReconcileOutcome reconcile(const ObjectKey& key, const std::stop_token& stop) {
    const auto began = clock_.steady();
    auto outcome = reconciler_.reconcile(key, stop);
    metrics_.reconciled(clock_.steady() - began, std::holds_alternative<kubernetes::ReconcileDone>(outcome));
    return outcome;
  }

  /// A signal that asks to end, should one arrive within the time. Others are served on the way.
  std::optional<int> asked_to_end(kubernetes::ShutdownSignals& signals, std::chrono::milliseconds time) {
    const auto signal = signals.wait_for(time);
    const bool more = signal == SIGUSR1;
    const bool less = signal == SIGUSR2;
    if (!more && !less) return signal;
    change_verbosity(*log_, more);
    return std::nullopt;
  }

  /// False when a signal came first.
  bool wait_until(kubernetes::ShutdownSignals& signals, const std::string& what,
                  const std::function<bool()>& condition) {
    if (!what.empty()) log_->debug("{}", what);
    while (!condition()) {
      if (const auto signal = asked_to_end(signals, 20ms)) {
        log_->info("signal {}", *signal);
        return false;
      }
    }
    return true;
  }

  int serve(kubernetes::ShutdownSignals& signals) {
    for (;;) {
      if (const auto signal = asked_to_end(signals, 500ms)) {
        log_->info("signal {}: finishing what is under way", *signal);
        return stop();
      }
      if (options_.leader_elect && elector_.lost(clock_.steady())) {
        log_->error("the lease was not renewed in time and may be held by {} now; ending at once",
                    elector_.holder());
        log_->flush();
        std::_Exit(kFailed);  // nothing of this process may write any more (runtime rule 18)
      }
    }
  }

  /// Intake, workers, events, watches, lease: in this order (runtime rule 33).
  int stop() {
    stage_.stopping = true;
    metrics_.set_leading(false);
    collector_runner_.stop();
    gateway_runner_.stop();
    torch_serve_runner_.stop();
    post_mortem_runner_.stop();
    workers_.stop(kDrain);
    event_runner_.stop();
    leader_runner_.stop();
    informers_.stop();
    if (options_.leader_elect) elector_.release({});
    http_.stop();
    log_->info("ended");
    return kEnded;
  }

  const Options& options_;
  const std::shared_ptr<spdlog::logger> log_;
  const std::string identity_;
  const kubernetes::Clock& clock_ = kubernetes::system_clock();
  const kubernetes::Random random_ = kubernetes::system_random();
  Metrics metrics_;
  kubernetes::WorkQueue queue_;
  const std::unique_ptr<kubernetes::Transport> transport_, lease_transport_;
  kubernetes::ApiClient lease_client_;
  kubernetes::LeaderElector elector_;
  kubernetes::FencedTransport fenced_;
  kubernetes::ApiClient client_;
  Informers informers_;
  GatewayReader gateway_reader_;
  kubernetes::EventRecorder events_;
  prometheus::MetricsSource source_;
  MetricsCollector collector_;
  workload::TorchServes torch_serves_;
  PostMortems post_mortems_;
  Reconciler reconciler_;
  kubernetes::Workers workers_;
  kubernetes::EventRunner event_runner_;
  PollRunner<MetricsCollector> collector_runner_;
  PollRunner<GatewayReader> gateway_runner_;
  TorchServeRunner torch_serve_runner_;
  PollRunner<PostMortems> post_mortem_runner_;
  kubernetes::LeaderRunner leader_runner_;
  LifeStage stage_;
  HttpServer http_;  ///< last: it asks all the others
};

}  // namespace

int run_operator(const Options& options, const kubernetes::ClusterAccess& access,
                 const std::shared_ptr<spdlog::logger>& log, kubernetes::ShutdownSignals& signals) {
  const auto transport =
      kubernetes::make_cpprest_transport(access.endpoint, access.credentials, {.user_agent = kUserAgent});
  const auto facts = look_at_cluster(*transport);
  if (!facts) {
    log->error("{}", facts.error().message);
    return facts.error().exit_code;
  }
  if (!facts->gateway_api) {
    log->warn(
        "the cluster has no Gateway API; traffic.gatewayAPI is not available until the operator is "
        "restarted with it");
  }
  if (!facts->freezes) {
    log->warn(
        "the cluster does not know SeraphimFreezes, so nothing is ever frozen. Install them, then start the "
        "operator again: kubectl apply --server-side -f crds/serving.seraphim.io_seraphimfreezes.yaml");
  }
  Process process(options, access, *facts, log);
  return process.run(signals);
}

}  // namespace seraphim::op
