#include "operator/performer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "kubernetes/child.h"
#include "kubernetes/keep_written.h"
#include "operator/overloaded.h"

namespace seraphim::op {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::Resource;
using kubernetes::Result;
using Json = nlohmann::json;

const api::Revision* find_revision(const rollout::Observation& observation, const std::string& name) {
  const auto found = std::find_if(observation.revisions.begin(), observation.revisions.end(),
                                  [&](const auto& revision) { return revision.name == name; });
  return found == observation.revisions.end() ? nullptr : &*found;
}

}  // namespace

std::string describe(const rollout::Action& action) {
  return std::visit(
      Overloaded{
          [](const rollout::RecordRevision& a) {
            return "record revision " + std::to_string(a.revision.number) + " as " + a.revision.name;
          },
          [](const rollout::MarkVerdict& a) {
            return "mark " + a.revision + " " + api::to_string(a.verdict) + " (" + a.reason + ")";
          },
          [](const rollout::DeleteRevision& a) { return "delete the record of " + a.revision; },
          [](const rollout::Scale& a) { return "scale " + a.revision + " to " + std::to_string(a.replicas); },
          [](const rollout::PointBackend& a) {
            return std::string("point the ") + (a.slot == rollout::Slot::stable ? "stable" : "candidate") +
                   " Service at " + a.revision;
          },
          [](const rollout::SetWeight& a) {
            return "set weight " + api::format_percent(a.weight) + " (" + a.candidate + " beside " +
                   a.stable + ")";
          },
          [](const rollout::EnsureRoute& a) {
            return "write the own route with weight " + api::format_percent(a.weight);
          },
      },
      action);
}

std::string describe(const std::vector<rollout::Action>& actions) {
  std::string text;
  for (const auto& action : actions) text += (text.empty() ? "" : "; ") + describe(action);
  return text;
}

bool creates_child(const rollout::Observation& observation, const rollout::Action& action) {
  return std::visit(
      Overloaded{
          [](const rollout::RecordRevision&) { return true; },
          [&](const rollout::Scale& a) {
            return std::none_of(
                observation.workloads.begin(), observation.workloads.end(), [&a](const auto& state) {
                  return state.revision == a.revision && (state.desired > 0 || state.existing > 0);
                });
          },
          [&](const rollout::PointBackend& a) {
            const auto& traffic = observation.traffic;
            return !(a.slot == rollout::Slot::stable ? traffic.stable : traffic.candidate).has_value();
          },
          [](const rollout::EnsureRoute&) { return true; },
          [](const auto&) { return false; },
      },
      action);
}

Result<void> Performer::perform(const rollout::Observation& observation, const rollout::Action& action,
                                workload::WorkloadAdapter& workload, traffic::TrafficAdapter& traffic,
                                const std::stop_token& stop) {
  const auto& object = observation.object;
  return std::visit(
      Overloaded{
          [&](const rollout::RecordRevision& a) { return record(object, a.revision, stop); },
          [&](const rollout::MarkVerdict& a) { return mark(object, a, stop); },
          [&](const rollout::DeleteRevision& a) { return forget(object, a.revision, workload, stop); },
          [&](const rollout::Scale& a) -> Result<void> {
            if (const auto* revision = find_revision(observation, a.revision)) {
              return workload.scale(object, *revision, a.replicas, stop);
            }
            const auto record = revisions_.get({object.namespace_, a.revision});
            if (record) return workload.scale(object, record->revision, a.replicas, stop);
            return tl::unexpected(ApiError{.kind = ApiError::Kind::not_found,
                                           .message = "revision " + a.revision + " is not recorded"});
          },
          [&](const rollout::PointBackend& a) { return traffic.point_backend(object, a, stop); },
          [&](const rollout::SetWeight& a) { return traffic.set_weight(object, a, stop); },
          [&](const rollout::EnsureRoute& a) { return traffic.ensure_route(object, a, stop); },
      },
      action);
}

Result<void> Performer::record(const api::SeraphimDeployment& object, const api::Revision& revision,
                               const std::stop_token& stop) {
  const auto& type = Resource<ControllerRevision>::type();
  auto kept = keep(kubernetes::create_child(client_, type, encode_controller_revision(object, revision),
                                            object.uid, stop));
  // Should it be there all the same, the next look must know: its number is taken (invariant 7).
  if (!kept && kept.error().may_have_landed)
    (void)keep(client_.get(type, {object.namespace_, revision.name}, stop));
  return kept;
}

Result<void> Performer::mark(const api::SeraphimDeployment& object, const rollout::MarkVerdict& action,
                             const std::stop_token& stop) {
  const ObjectKey key{object.namespace_, action.revision};
  const std::string verdict = api::to_string(action.verdict);
  Json patch = {
      {"metadata",
       {{"annotations",
         {{api::kAnnotationVerdict, verdict.empty() ? Json() : Json(verdict)},
          {api::kAnnotationVerdictReason, action.reason.empty() ? Json() : Json(action.reason)}}}}}};
  if (const auto record = revisions_.get(key)) patch["metadata"]["uid"] = record->meta.uid;
  return keep(client_.merge_patch(Resource<ControllerRevision>::type(), key, patch, {}, stop));
}

Result<void> Performer::forget(const api::SeraphimDeployment& object, const std::string& revision,
                               workload::WorkloadAdapter& workload, const std::stop_token& stop) {
  // The workload first: without its record nobody would know it any more.
  if (auto removed = workload.remove(object, revision, stop); !removed) return removed;
  const ObjectKey key{object.namespace_, revision};
  const auto record = revisions_.get(key);
  if (!record || !kubernetes::is_child_of(record->meta, object.uid)) return {};
  auto removed = client_.remove(Resource<ControllerRevision>::type(), key, record->meta.uid, stop);
  if (removed) revisions_.note_deleted(key, record->meta.uid);
  return removed;
}

Result<void> Performer::keep(const Result<Json>& written) {
  return kubernetes::keep_written(revisions_, written);
}

}  // namespace seraphim::op
