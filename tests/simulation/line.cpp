#include "simulation/line.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "api/seraphim_deployment.h"
#include "kubernetes/json_read.h"

namespace seraphim::simulation {

using kubernetes::CallStatus;
using kubernetes::Request;
using kubernetes::Response;
using kubernetes::TransportError;
using nlohmann::json;

namespace {

constexpr auto kLongCall = 15s, kVeryLate = 22s;
constexpr auto kLateRecord = 3s;

Response broken_off(TransportError error) {
  return {.status = {.error = error, .sent = true, .detail = "simulated"}, .body = {}};
}

bool is_write(const Request& request) {
  return request.method != "GET";
}

}  // namespace

std::string_view to_string(CallFault fault) {
  switch (fault) {
    case CallFault::conflict:
      return "409";
    case CallFault::too_many:
      return "429";
    case CallFault::error:
      return "500, not carried out";
    case CallFault::error_landed:
      return "500, carried out";
    case CallFault::timeout:
      return "timeout, not carried out";
    case CallFault::timeout_landed:
      return "timeout, carried out";
    case CallFault::reset_landed:
      return "reset, carried out";
    case CallFault::late_landed:
      break;
  }
  return "under way for long";
}

Line::Line(LineServices services, int process, Bug bug, Seed seed, bool lively)
    : services_(std::move(services)),
      author_{Author::Who::op, process},
      bug_(bug),
      chance_(seed + static_cast<Seed>(process) * 977, "line"),
      lively_(lively) {}

void Line::fail_calls(CallFault fault, int calls, bool writes_only) {
  fault_ = fault;
  faulty_calls_ = calls;
  faulty_writes_only_ = writes_only;
}

void Line::heal() {
  faulty_calls_ = 0;
  crash_in_ = 0;
}

Response Line::call(const Request& request, std::chrono::milliseconds timeout,
                    std::stop_token stop) noexcept {
  (void)timeout;
  (void)stop;
  if (dead_) return broken_off(TransportError::cancelled);
  const bool with_others = lively_ && chance_.one_in(6);
  services_.pass_time(chance_.between(1ms, with_others ? 40ms : 6ms), with_others);
  if (dead_) return broken_off(TransportError::cancelled);
  const bool write = is_write(request);
  if (write) services_.attempted(parse_target(request.target).kind);
  if (faulty_calls_ > 0 && (write || !faulty_writes_only_)) {
    --faulty_calls_;
    return failed(fault_, request);
  }
  const bool crashes = write && crash_in_ > 0 && --crash_in_ == 0;
  if (crashes && services_.note)
    services_.note(crash_after_ ? "it dies right after this write" : "it dies right before this write");
  if (crashes && !crash_after_) {
    dead_ = true;
    return broken_off(TransportError::cancelled);
  }
  Response response = carry_out(request);
  if (crashes) {
    dead_ = true;
    return broken_off(TransportError::cancelled);
  }
  return response;
}

Response Line::failed(CallFault fault, const Request& request) {
  if (services_.note)
    services_.note("call fails: " + std::string(to_string(fault)) + ": " + request.method + " " +
                   request.target);
  switch (fault) {
    case CallFault::conflict:
      if (is_write(request))
        return refuse(409, request.method == "POST" ? "AlreadyExists" : "Conflict", "simulated");
      return refuse(500, "InternalError");
    case CallFault::too_many: {
      Response response = refuse(429, "TooManyRequests");
      response.status.retry_after = 1s;
      return response;
    }
    case CallFault::error_landed:
      carry_out(request);
      [[fallthrough]];
    case CallFault::error:
      return refuse(500, "InternalError");
    case CallFault::timeout_landed:
      carry_out(request);
      [[fallthrough]];
    case CallFault::timeout:
      services_.pass_time(kLongCall, true);
      return broken_off(TransportError::timeout);
    case CallFault::late_landed:
      services_.pass_time(kVeryLate, true);
      carry_out(request);
      return broken_off(TransportError::timeout);
    case CallFault::reset_landed:
      break;
  }
  carry_out(request);
  return broken_off(TransportError::reset);
}

Response Line::carry_out(const Request& request) {
  if (bug_ == Bug::none) return services_.server.handle(request, author_);
  while (!late_.empty() && late_.front().first <= services_.clock.now) {
    const Request due = std::move(late_.front().second);
    late_.erase(late_.begin());
    services_.server.handle(due, author_);
  }
  Request changed = request;
  if (auto instead = misbehave(changed)) return *instead;
  Response response = services_.server.handle(changed, author_);
  const Target target = parse_target(request.target);
  if (response.ok() && !target.key.name.empty() && request.method != "DELETE")
    response.body = seen(target.kind, std::move(response.body), false);
  return response;
}

/// What a planted bug does to a request.
std::optional<Response> Line::misbehave(Request& request) {
  const Target target = parse_target(request.target);
  if (bug_ == Bug::recorded_late && target.kind == Kind::revisions && request.method == "POST") {
    late_.emplace_back(services_.clock.now + kLateRecord, request);
    json object = json::parse(request.body);
    object["metadata"].update({{"uid", "late"}, {"resourceVersion", "1"}});
    return reply(201, object.dump());
  }
  if (request.method != "PATCH") return std::nullopt;
  json body = json::parse(request.body);
  if (bug_ == Bug::status_churn && target.kind == Kind::deployments && body.is_array()) {
    for (json& operation : body) {
      if (operation["path"] == "/status") operation["value"].erase("observedGeneration");
    }
  } else if (bug_ == Bug::scale_down_before_zero && target.kind == Kind::routes && body.is_array()) {
    for (const json& operation : body) {
      const std::string path = operation["path"];
      if (!path.ends_with("/backendRefs/1/weight") || operation["value"] != 0) continue;
      const auto object = services_.store.get(Kind::deployments, {"shop", "web"});
      const std::string candidate =
          object ? kubernetes::text_or(kubernetes::member(*object->value, "status"), "candidateRevision")
                 : "";
      if (candidate.empty()) continue;
      Request scale{.method = "PATCH",
                    .target = kubernetes::object_path(type_of(Kind::replica_sets), {"shop", candidate}),
                    .content_type = "application/merge-patch+json",
                    .body = R"({"spec":{"replicas":0}})"};
      services_.server.handle(scale, author_);
    }
  }
  request.body = body.dump();
  return std::nullopt;
}

std::string Line::seen(Kind kind, std::string text, bool first_sight) {
  const bool edits =
      (bug_ == Bug::weight_before_ready &&
       (kind == Kind::replica_sets || kind == Kind::slices || kind == Kind::services)) ||
      (bug_ == Bug::failed_retried && (kind == Kind::revisions || kind == Kind::deployments)) ||
      ((bug_ == Bug::stale_read_trusted || bug_ == Bug::verdict_forgotten) && kind == Kind::deployments) ||
      (bug_ == Bug::evidence_reset && kind == Kind::deployments && first_sight);
  if (!edits) return text;
  json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return text;
  // A watch's line holds the object one level down.
  json& of = object.contains("object") ? object["object"] : object;
  if (!of.contains("metadata") || !of["metadata"].contains("uid")) return text;  // a bookmark, an error
  if (bug_ == Bug::stale_read_trusted && object.contains("object")) {
    json older = last_seen_.empty() ? of : json::parse(last_seen_);
    last_seen_ = of.dump();
    older["metadata"]["resourceVersion"] = of["metadata"]["resourceVersion"];
    of = std::move(older);
  } else if (bug_ == Bug::weight_before_ready && kind == Kind::replica_sets) {
    const json replicas = of["spec"]["replicas"];
    of["status"] = {{"replicas", replicas}, {"readyReplicas", replicas}, {"availableReplicas", replicas}};
  } else if (bug_ == Bug::weight_before_ready && kind == Kind::slices) {
    const std::string service = of["metadata"]["ownerReferences"][0]["name"];
    const auto found = services_.store.get(Kind::services, {"shop", service});
    if (found) {
      const std::string revision =
          kubernetes::text_or((*found->value)["spec"]["selector"], api::kLabelRevision);
      of["endpoints"] = json::array();
      for (int i = 0; i < 4; ++i)
        of["endpoints"].push_back(
            {{"targetRef", {{"kind", "Pod"}, {"name", revision + "-1000" + std::to_string(i)}}}});
    }
  } else if (bug_ == Bug::failed_retried && kind == Kind::revisions) {
    if (of["metadata"].contains("annotations")) of["metadata"].erase("annotations");
  } else if (bug_ == Bug::failed_retried && of.contains("status")) {
    of["status"].erase("lastRollback");
  } else if (bug_ == Bug::verdict_forgotten &&
             of.contains(json::json_pointer("/status/lastRollback/verification"))) {
    json& verification = of["status"]["lastRollback"]["verification"];
    if (verification.contains("decidedAt"))
      verification = {{"result", "Pending"}, {"until", verification["until"]}, {"state", "forgotten"}};
  } else if (bug_ == Bug::evidence_reset && of.contains("status")) {
    of["status"].erase("evidence");
  }
  return object.dump();
}

CallStatus Line::stream(const Request& request, std::chrono::seconds idle, std::stop_token stop,
                        kubernetes::LineSink& sink) noexcept {
  (void)request;
  (void)idle;
  (void)stop;
  (void)sink;
  return {.error = TransportError::protocol};
}

}  // namespace seraphim::simulation
