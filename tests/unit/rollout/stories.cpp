#include "rollout/stories.h"

namespace seraphim::rollout {
namespace {

bool verifies(const World& world) {
  const auto& last = world.status().last_rollback;
  return last && last->verification && last->verification->result == api::VerificationResult::pending;
}

bool at_rest(const World& world) {
  return !verifies(world) && world.status().candidate_revision.empty() &&
         world.status().previous_revision.empty() && world.status().started_at == std::nullopt &&
         world.weight == api::kNothing;
}

void rest(World& world) {
  world.run_for(seconds(1));  // an edit is seen first
  world.run_until(at_rest);
  world.run_for(minutes(1));  // the scale-down delay passes
}

void good(World& world) {
  serve_v1(world);
  world.use_template("v2");
  rest(world);
}

void bad(World& world) {
  world.behaviours["v2"].quality = Quality::bad;
  good(world);
}

void bad_in_the_bake(World& world) {
  world.behaviours["v2"].quality = Quality::bad_after_promotion;
  good(world);
}

/// Between two later candidates, of which one makes room for the other.
void unverified_rollback_long_ago(World& world) {
  world.object.spec.strategy.verify = seconds(0);
  bad(world);
  world.edit_spec([](api::Spec& spec) { spec.strategy.verify = seconds(30); });
  world.use_template("v3");
  world.run_until(
      [](const World& w) { return w.status().step == 2 && w.weight == w.status().weight.desired; });
  world.use_template("v4");
  rest(world);
}

void never_ready(World& world) {
  world.behaviours["v2"].comes_up = false;
  good(world);
}

void first_never_ready(World& world) {
  world.behaviours["v1"].comes_up = false;
  world.use_template("v1");
  world.run_for(minutes(2));
  world.use_template("v2");
  rest(world);
}

void retried(World& world) {
  world.behaviours["v2"].quality = Quality::bad;
  good(world);
  world.behaviours["v2"].quality = Quality::good;
  world.annotate(api::kAnnotationRetry, "once more");
  world.edit_spec([](api::Spec&) {});
  rest(world);
}

void failed_again(World& world) {
  bad(world);
  world.use_template("v1");
  rest(world);
  world.use_template("v2");  // GitOps puts the failed one back
  rest(world);
}

void approved(World& world) {
  world.object.spec.strategy.steps[1].approval = true;
  serve_v1(world);
  world.use_template("v2");
  world.run_until([](const World& w) { return w.status().phase == api::Phase::awaiting_approval; });
  world.run_for(minutes(1));
  world.approve(2);
  rest(world);
}

void paused(World& world) {
  reach_step(world, 2);
  world.edit_spec([](api::Spec& spec) { spec.paused = true; });
  world.run_for(minutes(2));
  world.edit_spec([](api::Spec& spec) { spec.paused = false; });
  rest(world);
}

void frozen_beforehand(World& world) {
  serve_v1(world);
  world.freeze("xmas");
  world.use_template("v2");
  world.run_for(minutes(2));
  world.thaw();
  rest(world);
}

void frozen_in_mid_canary(World& world) {
  reach_step(world, 2);
  world.freeze("xmas");
  world.run_for(minutes(2));
  world.thaw();
  rest(world);
}

void bad_while_frozen(World& world) {
  world.behaviours["v2"].quality = Quality::bad;
  reach_step(world, 1);
  world.freeze("xmas");
  world.run_until(at_rest);
  world.use_template("v3");
  world.run_for(minutes(1));
  world.thaw();
  rest(world);
}

void freeze_overridden(World& world) {
  serve_v1(world);
  world.freeze("xmas");
  world.use_template("v2");
  world.run_for(minutes(1));
  world.annotate(api::kAnnotationOverrideFreeze, "fixes the leak");
  rest(world);
}

void blind(World& world) {
  reach_step(world, 1);
  world.metrics = Metrics::unavailable;
  world.run_for(minutes(2));
  world.metrics = Metrics::fresh;
  rest(world);
}

void without_bake(World& world) {
  world.object.spec.strategy.bake.reset();
  good(world);
}

void taken_back_in_the_bake(World& world) {
  reach_bake(world);
  world.use_template("v1");
  rest(world);
}

void replaced_in_the_bake(World& world) {
  reach_bake(world);
  world.use_template("v3");
  rest(world);
}

void old_one_returns(World& world) {
  good(world);
  world.use_template("v1");
  rest(world);
}

void edited_by_hand(World& world) {
  reach_step(world, 2);
  for (int weight : {0, 37, 100}) {
    world.set_weight_by_hand(api::Percent::whole(weight));
    world.run_for(seconds(5));
  }
  rest(world);
}

void scaled(World& world) {
  reach_step(world, 2);
  world.edit_spec([](api::Spec& spec) { std::get<api::PodsWorkload>(spec.workload).replicas = 8; });
  rest(world);
}

void steps_edited(World& world) {
  reach_step(world, 3);
  world.edit_spec([](api::Spec& spec) {
    spec.strategy.steps = {{api::Percent::whole(30), seconds(10), false},
                           {api::Percent::whole(60), seconds(10), false}};
  });
  rest(world);
}

/// The spec goes to another revision when `reached`.
Story turn(const std::string& name, const std::string& to, const std::function<void(World&)>& reached) {
  return {name, [=](World& world) {
            reached(world);
            world.use_template(to);
            rest(world);
          }};
}

}  // namespace

void serve_v1(World& world) {
  world.use_template("v1");
  world.run_until([](const World& w) { return w.status().phase == api::Phase::stable; });
  world.run_for(seconds(5));
}

void reach_step(World& world, std::int32_t step) {
  serve_v1(world);
  world.use_template("v2");
  world.run_until([step](const World& w) {
    if (w.status().phase == api::Phase::baking)
      return true;  // without endpoints that lag the last switch takes no time
    const bool chosen = !w.status().candidate_revision.empty();
    return chosen && w.status().step == step && w.weight == w.status().weight.desired;
  });
}

void reach_bake(World& world) {
  serve_v1(world);
  world.use_template("v2");
  world.run_until([](const World& w) { return w.status().phase == api::Phase::baking; });
  world.run_for(seconds(10));
}

std::vector<Story> all_stories() {
  std::vector<Story> stories = {
      {"the first revision serves", serve_v1},
      {"a good one is promoted", good},
      {"a bad one is rolled back", bad},
      {"a bad one is rolled back from the bake", bad_in_the_bake},
      {"one makes room after a rollback that nobody verified", unverified_rollback_long_ago},
      {"one that is never ready is rolled back", never_ready},
      {"a first one that is never ready, then another", first_never_ready},
      {"a failed one is retried", retried},
      {"a failed one comes again", failed_again},
      {"approved by a person", approved},
      {"paused and resumed", paused},
      {"frozen before a new spec", frozen_beforehand},
      {"frozen in mid-canary", frozen_in_mid_canary},
      {"a bad one is rolled back in a freeze", bad_while_frozen},
      {"a freeze is overridden", freeze_overridden},
      {"metrics away and back", blind},
      {"promoted without a bake", without_bake},
      {"taken back in the bake", taken_back_in_the_bake},
      {"replaced in the bake", replaced_in_the_bake},
      {"an old one returns", old_one_returns},
      {"the weight is edited by hand", edited_by_hand},
      {"replicas change in mid-canary", scaled},
      {"steps change in mid-canary", steps_edited},
  };
  for (std::int32_t step = 0; step <= 4; ++step) {
    const auto reached = [step](World& world) { reach_step(world, step); };
    stories.push_back(turn("new spec at step " + std::to_string(step), "v3", reached));
    stories.push_back(turn("reverted at step " + std::to_string(step), "v1", reached));
  }
  return stories;
}

}  // namespace seraphim::rollout
