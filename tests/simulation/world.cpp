#include "simulation/world.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "kubernetes/json_read.h"
#include "simulation/director.h"

namespace seraphim::simulation {
namespace {

constexpr auto kRestartTakes = 1s;
constexpr int kDeepest = 2;  // a call in which others act, in whose calls nobody else does

/// What the object says about how it goes on.
std::string progress_of(const nlohmann::json& object) {
  for (const auto& condition : kubernetes::elements(kubernetes::member(object, "status"), "conditions")) {
    if (kubernetes::text_or(condition, "type") == "Progressing")
      return " (" + kubernetes::text_or(condition, "reason") + ": " +
             kubernetes::text_or(condition, "message").substr(0, 120) + ")";
  }
  return {};
}

std::string describe_write(const Write& write) {
  const char* what = !write.before ? "creates" : !write.after ? "deletes" : "writes";
  std::string text = std::string(what) + " " + type_of(write.kind).kind + " " + write.key().name;
  if (!write.after) return text;
  if (write.kind == Kind::routes) {
    const RouteTruth route = read_route(write.after);
    text += ": " + std::to_string(route.stable) + "/" + std::to_string(route.candidate);
  } else if (write.kind == Kind::services) {
    text += ": selects " + selected_revision(write.after);
  } else if (write.kind == Kind::revisions) {
    text += ": number " + std::to_string(number_of(write.after)) + " " + verdict_of(write.after);
  } else if (write.kind == Kind::replica_sets) {
    text += ": replicas " + (*write.after->value)["spec"]["replicas"].dump() + " status " +
            kubernetes::member(*write.after->value, "status").dump();
  } else if (write.kind == Kind::deployments) {
    const StatusTruth status = read_status(write.after);
    text += ": " + status.phase + " stable " + status.stable + " candidate " + status.candidate + " step " +
            std::to_string(status.step) + " desired " + std::to_string(status.desired / 100) + "%" +
            " requests " + std::to_string(status.candidate_requests) + progress_of(*write.after->value);
  } else if (write.kind == Kind::slices) {
    text += ": " + std::to_string(kubernetes::elements(*write.after->value, "endpoints").size()) + " ready";
  } else if (write.kind == Kind::events) {
    text += ": " + kubernetes::text_or(*write.after->value, "reason") + ": " +
            kubernetes::text_or(*write.after->value, "note");
  }
  return text;
}

}  // namespace

World::World(const Schedule& schedule, WorldOptions options)
    : schedule_(schedule),
      options_(options),
      setup_(schedule.setup),
      store_(clock_),
      server_(store_),
      cluster_(store_, clock_, schedule.seed),
      router_(store_, cluster_, clock_, schedule.seed, schedule.setup.per_second),
      prometheus_(router_, cluster_, clock_, schedule.setup.scrape),
      checks_({store_, cluster_, router_, prometheus_, clock_, setup_,
               [this](int number) -> Process* {
                 for (const auto& process : processes_) {
                   if (process->number() == number) return process.get();
                 }
                 return nullptr;
               }},
              [this](Broken broken) { report(std::move(broken)); }),
      director_(std::make_unique<Director>(clock_)) {
  parts_ = {director_.get(), &cluster_, &router_, &prometheus_};
  store_.on_write([this](const Write& write) { on_write(write); });
  if (options_.bug == Bug::failures_uncounted)
    prometheus_.hide_failures([this] { return checks_.status().verification == "Pending"; });
  cluster_.on_pod_lost([this](const std::string& pod) { router_.forget(pod); });
}

World::~World() = default;

Result World::run() {
  begin();
  start_operator(0ms, 0);
  for (const Action& action : schedule_.actions) director_->at(action.at, [this, action] { apply(action); });
  director_->at(schedule_.horizon, [this] { heal(); });
  run_until(schedule_.horizon + 1ms);
  if (!result_.broken) finish();
  result_.tally = checks_.tally();
  result_.took = clock_.now;
  return std::move(result_);
}

void World::run_until(SimTime time) {
  ++depth_;
  while (!result_.broken) {
    SimTime due = kNever;
    Part* part = next_part(due);
    if (part == nullptr || due > time) {
      clock_.now = std::max(clock_.now, time);
      break;
    }
    clock_.now = std::max(clock_.now, due);
    part->acting = true;
    part->act();
    part->acting = false;
    if (depth_ == 1) mind_the_processes();
  }
  --depth_;
}

Part* World::next_part(SimTime& due) {
  Part* next = nullptr;
  const auto look = [&](Part* part) {
    if (part->acting) return;
    const SimTime at = part->due();
    if (at < due) {
      due = at;
      next = part;
    }
  };
  for (Part* part : parts_) look(part);
  for (const auto& process : processes_) {
    if (process->dead()) continue;
    for (Part* part : process->parts()) look(part);
  }
  return next;
}

void World::pass_time(std::chrono::milliseconds time, bool with_others) {
  if (with_others && depth_ < kDeepest && !result_.broken) {
    run_until(clock_.now + time);
  } else {
    clock_.now += time;
  }
}

void World::start_operator(std::chrono::milliseconds wall_is_ahead, int drift) {
  const int number = ++started_;
  note("operator " + std::to_string(number) + " starts");
  LineServices services{
      store_, server_,
      clock_, [this](std::chrono::milliseconds time, bool others) { pass_time(time, others); },
      {},     [this](Kind kind) { checks_.on_attempt(kind); }};
  if (options_.trace)
    services.note = [this, number](const std::string& line) {
      note("operator " + std::to_string(number) + ": " + line);
    };
  processes_.push_back(std::make_unique<Process>(services, prometheus_,
                                                 ProcessSettings{.number = number,
                                                                 .wall_is_ahead = wall_is_ahead,
                                                                 .drift_per_mille = drift,
                                                                 .elects = setup_.elects,
                                                                 .streaming_lists = setup_.streaming_lists,
                                                                 .freezes = setup_.freezes,
                                                                 .lively = setup_.lively,
                                                                 .bug = options_.bug,
                                                                 .seed = schedule_.seed}));
  if (options_.trace) {
    processes_.back()->on_story = [this, number](const rollout::Narrative& line) {
      note("operator " + std::to_string(number) + " tells " + line.reason + " [" + line.discriminator +
           "]: " + line.message);
    };
  }
}

/// A process that ended is started anew by its kubelet.
void World::mind_the_processes() {
  for (auto process = processes_.begin(); process != processes_.end();) {
    if (!(*process)->dead()) {
      ++process;
      continue;
    }
    note("operator " + std::to_string((*process)->number()) + " is dead");
    ++deaths_;
    process = processes_.erase(process);
    director_->at(clock_.now + kRestartTakes, [this] { start_operator(0ms, 0); });
  }
}

void World::on_write(const Write& write) {
  cluster_.on_write(write);
  router_.on_write(write);
  const auto mix = [&](std::uint64_t value) {
    result_.fingerprint = (result_.fingerprint ^ value) * 0x100000001b3u;
  };
  mix(static_cast<std::uint64_t>(clock_.now.count()));
  mix(std::hash<std::string>{}(*(write.after ? write.after : write.before)->text));
  if (options_.trace && write.kind != Kind::leases) {
    const std::string who = write.author.who == Author::Who::op
                                ? "operator " + std::to_string(write.author.process)
                            : write.author.who == Author::Who::person ? "a person"
                                                                      : "the cluster";
    note("  " + who + " " + describe_write(write));
  }
  checks_.on_write(write);
  if (write.author.who == Author::Who::op && setup_.elects) check_leaders();
}

void World::check_leaders() {
  const auto leaders = std::count_if(processes_.begin(), processes_.end(), [](const auto& process) {
    return !process->dead() && process->leads();
  });
  if (leaders > 1) report({"9 one leader at most", std::to_string(leaders) + " operators may write"});
}

void World::report(Broken broken) {
  if (result_.broken) return;
  note("BROKEN: " + broken.check + ": " + broken.what);
  result_.broken = std::move(broken);
}

void World::note(const std::string& line) {
  if (!options_.trace) return;
  std::string time = std::to_string(clock_.now.count());
  time.insert(0, time.size() < 8 ? 8 - time.size() : 0, ' ');
  result_.trace.push_back(time + " ms  " + line);
}

}  // namespace seraphim::simulation
