#include "simulation/process.h"

#include <spdlog/logger.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/seraphim_deployment.h"
#include "kubernetes/event_recorder.h"
#include "kubernetes/work_queue.h"
#include "kubernetes/workers.h"
#include "operator/freezes.h"
#include "operator/metrics_collector.h"
#include "operator/triggers.h"
#include "simulation/truth.h"

namespace seraphim::simulation {
namespace {

using kubernetes::ObjectKey;
using kubernetes::ReconcileDone;

/// A part made of two functions.
class Step final : public Part {
 public:
  Step(std::function<SimTime()> due, std::function<void()> act)
      : due_(std::move(due)), act_(std::move(act)) {}
  SimTime due() const override { return due_(); }
  void act() override { act_(); }

 private:
  std::function<SimTime()> due_;
  std::function<void()> act_;
};

}  // namespace

/// What Process of controller/operator/process.cpp puts together, without its threads.
struct Process::Machinery {
  Machinery(Process& owner, const LineServices& services, Prometheus& prometheus)
      : process(owner),
        world(services.clock),
        chance(owner.settings_.seed + static_cast<Seed>(owner.settings_.number) * 131, "process"),
        random([this] { return chance.unit(); }),
        elector({.lease = {"shop", "seraphim-operator"}, .identity = "op-" + std::to_string(owner.number())},
                lease_client(owner), owner.clock_, random),
        fenced(owner.line_, [this] { return process.leads(); }),
        client(fenced, {.clock = &owner.clock_}),
        deployments(owner.line_, services.store, world, owner.clock_, Kind::deployments, stream(1),
                    options(Kind::deployments), random),
        revisions(owner.line_, services.store, world, owner.clock_, Kind::revisions, stream(2),
                  options(Kind::revisions), random),
        replica_sets(owner.line_, services.store, world, owner.clock_, Kind::replica_sets, stream(3),
                     options(Kind::replica_sets), random),
        pods(owner.line_, services.store, world, owner.clock_, Kind::pods, stream(4), options(Kind::pods),
             random),
        services_(owner.line_, services.store, world, owner.clock_, Kind::services, stream(5),
                  options(Kind::services), random),
        slices(owner.line_, services.store, world, owner.clock_, Kind::slices, stream(6),
               options(Kind::slices), random),
        routes(owner.line_, services.store, world, owner.clock_, Kind::routes, stream(7),
               options(Kind::routes), random),
        freezes(owner.line_, services.store, world, owner.clock_, Kind::freezes, stream(8),
                options(Kind::freezes), random),
        events({.instance = "op-" + std::to_string(owner.number())}),
        source([&prometheus](const std::string&) {
          return std::shared_ptr<kubernetes::Transport>(std::shared_ptr<void>(), &prometheus);
        }),
        collector(source, owner.clock_),
        torch_serves([](const workload::ServerKey&) { return nullptr; }, owner.clock_),
        reconciler({.view = view(),
                    .client = client,
                    .collector = collector,
                    .torch_serves = torch_serves,
                    .events = events,
                    .clock = owner.clock_,
                    .log = log,
                    .on_story = [this](const ObjectKey&, const rollout::Narrative& line) {
                      if (process.on_story) process.on_story(line);
                    }}) {
    log.set_level(spdlog::level::off);
    op::connect_triggers(view(), queue, owner.clock_);
    collector.on_sooner([this] { collect_at = world.now; });
  }

  kubernetes::ApiClient& lease_client(Process& owner) {
    own_lease_client = std::make_unique<kubernetes::ApiClient>(
        owner.line_, kubernetes::ApiClientOptions{.timeout = 5s, .clock = &owner.clock_});
    return *own_lease_client;
  }
  Chance stream(int number) const {
    return {process.settings_.seed + static_cast<Seed>(process.number() * 16 + number), "feed"};
  }
  kubernetes::ReflectorOptions options(Kind kind) const {
    const bool all = kind == Kind::deployments || kind == Kind::routes || kind == Kind::freezes;
    return {.type = type_of(kind),
            .label_selector = all ? "" : api::kLabelName,
            .streaming_list = process.settings_.streaming_lists};
  }
  op::ClusterView view() {
    return {.deployments = deployments.store(),
            .revisions = revisions.store(),
            .replica_sets = replica_sets.store(),
            .pods = pods.store(),
            .services = services_.store(),
            .endpoint_slices = slices.store(),
            .http_routes = &routes.store(),
            .freezes = process.settings_.freezes ? &freezes.store() : nullptr};
  }
  std::vector<Feed*> feeds() {
    std::vector<Feed*> all{&deployments, &revisions, &replica_sets, &pods, &services_, &slices, &routes};
    if (process.settings_.freezes) all.push_back(&freezes);
    return all;
  }
  bool synced() {
    if (all_synced) return true;
    const auto all = feeds();
    all_synced = std::all_of(all.begin(), all.end(), [](const Feed* feed) { return feed->synced(); });
    return all_synced;
  }
  bool works() { return !process.dead() && synced() && process.leads(); }
  SimTime not_before(SimTime time) const { return std::max(time, process.frozen_until_); }

  SimTime work_due() {
    if (!works()) return kNever;
    const auto due = queue.next_due();
    return due ? not_before(process.clock_.to_world(*due)) : kNever;
  }
  bool knows_of_freeze() {
    const auto object = deployments.store().get(kObject);
    if (!object) return false;
    const auto words = object->object.annotations.find(api::kAnnotationOverrideFreeze);
    const bool overridden = words != object->object.annotations.end() && !words->second.empty();
    return !overridden && !op::freezes_of(view().freezes, *object, process.clock_.wall()).in_force.empty();
  }
  void work() {
    began_frozen = knows_of_freeze();
    const auto look = [this](const ObjectKey& key, const std::stop_token& stop) {
      auto outcome = reconciler.reconcile(key, stop);
      if (process.settings_.bug == Bug::lost_requeue) {
        if (auto* done = std::get_if<ReconcileDone>(&outcome)) done->look_again.reset();
      }
      return outcome;
    };
    kubernetes::work_once(queue, look, process.clock_, {}, {});
    flush_at = std::min(flush_at, world.now + 1ms);
  }
  SimTime collect_due() {
    if (!works()) return kNever;
    const auto due = collector.next_due();
    return due ? not_before(std::min(collect_at, process.clock_.to_world(*due))) : kNever;
  }
  void collect() {
    collect_at = kNever;
    for (const auto& key : collector.step({})) queue.add(key, process.clock_.steady());
  }
  SimTime flush_due() { return works() ? not_before(flush_at) : kNever; }
  void flush() {
    const auto pause = events.flush(client, process.clock_, {});
    flush_at = pause ? world.now + *pause : kNever;
  }
  SimTime elect_due() const { return process.dead() ? kNever : not_before(elect_at); }
  void elect() {
    if (elector.lost(process.clock_.steady())) {
      process.line_.cut();  // the process ends at once (runtime rule 18)
      return;
    }
    elect_at = world.now + elector.step({});
    if (elector.lost(process.clock_.steady())) process.line_.cut();
  }

  Process& process;
  const WorldClock& world;
  Chance chance;
  kubernetes::Random random;
  std::unique_ptr<kubernetes::ApiClient> own_lease_client;
  kubernetes::LeaderElector elector;
  kubernetes::FencedTransport fenced;
  kubernetes::ApiClient client;
  kubernetes::WorkQueue queue;
  TypedFeed<op::DeploymentObject> deployments;
  TypedFeed<op::ControllerRevision> revisions;
  TypedFeed<workload::ReplicaSet> replica_sets;
  TypedFeed<workload::Pod> pods;
  TypedFeed<traffic::Service> services_;
  TypedFeed<traffic::EndpointSlice> slices;
  TypedFeed<traffic::HttpRoute> routes;
  TypedFeed<op::FreezeObject> freezes;
  kubernetes::EventRecorder events;
  prometheus::MetricsSource source;
  op::MetricsCollector collector;
  workload::TorchServes torch_serves;  ///< none is simulated
  spdlog::logger log{"simulation"};    // without a sink
  op::Reconciler reconciler;
  bool all_synced = false, began_frozen = false;
  SimTime collect_at = kNever, flush_at = kNever, elect_at{};
  std::vector<std::unique_ptr<Step>> steps;
};

Process::Process(LineServices services, Prometheus& prometheus, ProcessSettings settings)
    : settings_(settings),
      world_(services.clock),
      clock_(world_, settings.wall_is_ahead, settings.drift_per_mille),
      line_(services, settings.number, settings.bug, settings.seed, settings.lively),
      machinery_(std::make_unique<Machinery>(*this, services, prometheus)) {
  Machinery& m = *machinery_;
  for (Feed* feed : m.feeds()) parts_.push_back(feed);
  const auto add = [&](auto due, auto act) {
    m.steps.push_back(std::make_unique<Step>(due, act));
    parts_.push_back(m.steps.back().get());
  };
  add([&m] { return m.work_due(); }, [&m] { m.work(); });
  add([&m] { return m.collect_due(); }, [&m] { m.collect(); });
  add([&m] { return m.flush_due(); }, [&m] { m.flush(); });
  if (settings_.elects) add([&m] { return m.elect_due(); }, [&m] { m.elect(); });
}

Process::~Process() = default;

bool Process::leads() const {
  if (settings_.bug == Bug::two_leaders || !settings_.elects) return true;
  return machinery_->elector.leading(clock_.steady());
}

Feed* Process::feed(Kind kind) {
  for (Feed* feed : machinery_->feeds()) {
    if (feed->kind() == kind) return feed;
  }
  return nullptr;
}

std::shared_ptr<const op::DeploymentObject> Process::known(const ObjectKey& key) const {
  return machinery_->deployments.store().get(key);
}

bool Process::frozen() const {
  return machinery_->began_frozen && machinery_->knows_of_freeze();
}

}  // namespace seraphim::simulation
