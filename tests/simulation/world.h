// One run: an API server, a cluster around it, one or two operators, people and faults; one thread and one
// clock.
//
//   const Result result = World(draw(seed), {}).run();
//   if (result.broken) ...
//
// The same schedule gives the same run, write for write: `fingerprint` says so.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/checks.h"

namespace seraphim::simulation {

struct WorldOptions {
  Bug bug = Bug::none;
  bool trace = false;  ///< keep the story, for people
};

struct Result {
  std::optional<Broken> broken;
  std::uint64_t fingerprint = 0;
  Tally tally;
  SimTime took{};  ///< simulated
  std::vector<std::string> trace;
};

class World {
 public:
  World(const Schedule& schedule, WorldOptions options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Result run();

 private:
  class Director;

  // The loop (world.cpp).
  void run_until(SimTime time);
  Part* next_part(SimTime& due);
  void pass_time(std::chrono::milliseconds time, bool with_others);
  void start_operator(std::chrono::milliseconds wall_is_ahead, int drift);
  void mind_the_processes();
  void on_write(const Write& write);
  void report(Broken broken);
  void note(const std::string& line);
  void check_leaders();

  // What people do (people.cpp).
  void begin();
  void apply(const Action& action);
  void apply_fault(const Action& action);
  void edit_object(const std::function<void(nlohmann::json& spec)>& edit);
  void annotate(const std::string& key, const std::string& value);
  void declare_freeze(std::chrono::milliseconds lasts, bool of_others);
  void lift_freezes();
  void set_weight(std::int64_t percent);
  void scale_by_hand(const std::string& revision, std::int64_t replicas);
  void delete_child(std::int64_t which);
  void make_object(const nlohmann::json& spec);
  void heal();

  // The end (ending.cpp).
  bool settled() const;
  std::string why_not_settled() const;
  bool nothing_to_compare_with() const;
  bool held_by_suspicion() const;
  void approve_if_asked();
  void finish();
  bool is_verified() const;
  void check_story();

  const Schedule schedule_;
  const WorldOptions options_;
  Setup setup_;  ///< people change it
  WorldClock clock_;
  ApiStore store_;
  ApiServer server_;
  Cluster cluster_;
  Router router_;
  Prometheus prometheus_;
  Checks checks_;
  std::unique_ptr<Director> director_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<SimTime> restarts_;  ///< operators that start anew, and when
  std::vector<Part*> parts_;       ///< of the world itself
  Result result_;
  int depth_ = 0, started_ = 0, retries_ = 0, deaths_ = 0, freezes_ = 0;
  std::string target_;  ///< revision of the spec as it is now
  Behaviour target_behaviour_ = Behaviour::good;
  std::string spec_to_recreate_;  ///< of an object that a person deleted for the moment
  bool healed_ = false;
};

}  // namespace seraphim::simulation
