#include "rollout/freeze.h"

#include <algorithm>

#include "api/quote.h"
#include "rollout/conditions.h"

namespace seraphim::rollout {
namespace {

constexpr const char* kInForce = "FreezeInForce";
constexpr const char* kNotKnown = "FreezesNotKnown";
constexpr const char* kOverridden = "FreezeOverridden";
constexpr std::size_t kLongestReason = 300;  // bytes of what a person wrote, in a message
constexpr const char* kOverrideWithoutReason = "OverrideWithoutReason";

/// The value of the annotation; absent when there is none.
std::optional<std::string> override_words(const Planner& planner) {
  const auto found = planner.in.object.annotations.find(api::kAnnotationOverrideFreeze);
  if (found == planner.in.object.annotations.end()) return std::nullopt;
  return found->second;
}

bool is_overridden(const Planner& planner) {
  const auto words = override_words(planner);
  return words && words->find_first_not_of(" \t\r\n") != std::string::npos;
}

bool ends_earlier(const FreezeInForce& left, const FreezeInForce& right) {
  return left.until && (!right.until || *left.until < *right.until);
}

const FreezeInForce* last_to_end(const Planner& planner) {
  const auto& freezes = planner.in.freezes;
  if (freezes.empty()) return nullptr;
  return &*std::max_element(freezes.begin(), freezes.end(), ends_earlier);
}

std::string end_of(const FreezeInForce& freeze) {
  return freeze.until ? "until " + api::format_time(*freeze.until) : std::string("until it is deleted");
}

/// "the freeze weekend is in force until ... (who: "alice", why: "nobody is here")"
std::string describe(const Planner& planner, const FreezeInForce& freeze) {
  if (freeze.name.empty()) return freeze.reason;
  std::string text = "the freeze " + freeze.name + " is in force " + end_of(freeze) +
                     " (who: " + api::quote(freeze.who) +
                     ", why: " + api::quote(freeze.reason, kLongestReason) + ")";
  if (planner.in.freezes.size() > 1) {
    text += " and " + std::to_string(planner.in.freezes.size() - 1) + " more:";
    for (const FreezeInForce& other : planner.in.freezes) {
      if (&other != &freeze) text += (text.back() == ':' ? " " : ", ") + other.name;
    }
  }
  return text;
}

/// Of the condition as it was before this pass.
bool was(const Planner& planner, const char* type, const char* reason) {
  const api::Condition* before = api::find_condition(planner.in.object.status.conditions, type);
  return before != nullptr && before->reason == reason;
}

/// Another freeze, or the same one in another night, is another Event.
std::string about(const Planner& planner, const FreezeInForce& freeze) {
  return planner.target + "/" + kFrozen + "/" + freeze.name + "@" +
         (freeze.until ? api::format_time(*freeze.until) : std::string());
}

void tell_of_end(Planner& planner) {
  if (!was(planner, kProgressing, kWaitsForThaw) || !planner.in.freezes.empty()) return;
  planner.tell(Narrative::Kind::normal, "FreezeEnded", "Resume",
               "no freeze is in force any more; the rollout goes on", planner.target + "/thaw");
}

void tell_of_override(Planner& planner) {
  const FreezeInForce* freeze = last_to_end(planner);
  const FreezeView view = view_of_freezes(planner);
  if (freeze == nullptr || was(planner, kFrozen, view.reason.c_str())) return;
  const std::string words = override_words(planner).value_or("");
  if (view.reason == kOverridden) {
    planner.tell(Narrative::Kind::warning, kOverridden, "Override", view.message,
                 about(planner, *freeze) + "/" + words);
  } else if (view.reason == kOverrideWithoutReason) {
    planner.tell(Narrative::Kind::warning, kOverrideWithoutReason, "Refuse", view.message,
                 about(planner, *freeze) + "/refused");
  }
}

}  // namespace

const FreezeInForce* freeze_that_holds(const Planner& planner) {
  return is_overridden(planner) ? nullptr : last_to_end(planner);
}

std::optional<Waiting> held_by_freeze(const Planner& planner, const std::string& what) {
  const FreezeInForce* freeze = freeze_that_holds(planner);
  if (freeze == nullptr) return std::nullopt;
  return Waiting{kWaitsForThaw, what + " while " + describe(planner, *freeze)};
}

FreezeView view_of_freezes(const Planner& planner) {
  const FreezeInForce* freeze = last_to_end(planner);
  if (freeze == nullptr) return {false, "NotFrozen", "no freeze is in force"};
  const std::string text = describe(planner, *freeze);
  const std::string annotation = api::kAnnotationOverrideFreeze;
  if (is_overridden(planner)) {
    return {false, kOverridden,
            text + ", and the annotation " + annotation +
                " overrides it: " + api::quote(*override_words(planner), kLongestReason) +
                "; remove the annotation when that is over"};
  }
  const std::string effect =
      text +
      ": no new revision is started, no candidate gets more traffic or is promoted; rolling back "
      "still works";
  if (override_words(planner)) {
    return {true, kOverrideWithoutReason,
            effect + "; the annotation " + annotation +
                " is empty and overrides nothing: write the reason as its value"};
  }
  return {true, freeze->name.empty() ? kNotKnown : kInForce, effect};
}

void tell_of_hold(Planner& planner) {
  const FreezeInForce* freeze = freeze_that_holds(planner);
  const bool holds = freeze != nullptr && planner.waiting && planner.waiting->reason == kWaitsForThaw;
  if (!holds || was(planner, kProgressing, kWaitsForThaw)) return;
  planner.tell(Narrative::Kind::normal, "Frozen", "Hold", planner.waiting->message, about(planner, *freeze));
}

void mind_the_freezes(Planner& planner) {
  tell_of_end(planner);
  tell_of_override(planner);
  if (planner.in.freezes_change_at) planner.look_again_in(*planner.in.freezes_change_at - planner.now);
}

}  // namespace seraphim::rollout
