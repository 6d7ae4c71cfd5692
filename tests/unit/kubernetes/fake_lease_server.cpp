#include "kubernetes/fake_lease_server.h"

#include <algorithm>
#include <regex>
#include <string_view>
#include <utility>

#include "kubernetes/fake_transport.h"

namespace seraphim::kubernetes::testing {

using nlohmann::json;

namespace {

std::string path_of(const Request& request) {
  return request.target.substr(0, request.target.find('?'));
}

bool is_micro_time(const json& value) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  if (!value.is_string()) return false;
  std::string text = value.get<std::string>();
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }, '0');
  return text == kForm;
}

/// The first reason to refuse a Lease, as pkg/apis/coordination/validation has it; empty when it is valid.
std::string invalid_lease(const json& object) {
  const json& spec = object.at("spec");
  if (spec.value("leaseDurationSeconds", 1) <= 0) return "spec.leaseDurationSeconds: must be greater than 0";
  if (spec.value("leaseTransitions", 0) < 0)
    return "spec.leaseTransitions: must be greater than or equal to 0";
  for (const char* field : {"acquireTime", "renewTime"}) {
    if (spec.contains(field) && !is_micro_time(spec[field])) return std::string(field) + ": no MicroTime";
  }
  return {};
}

/// As pkg/apis/core/validation/events.go has it for events.k8s.io/v1.
std::string invalid_event(const json& event) {
  if (!is_micro_time(event.value("eventTime", json()))) return "eventTime: required";
  for (const char* field : {"reportingController", "reportingInstance", "action", "reason"}) {
    const std::string value = event.value(field, "");
    if (value.empty()) return std::string(field) + ": required";
    if (value.size() > 128) return std::string(field) + ": can have at most 128 characters";
  }
  if (event.value("note", "").size() > 1024) return "note: can have at most 1024 characters";
  const std::string type = event.value("type", "");
  if (type != "Normal" && type != "Warning") return "type: has invalid value";
  static const std::regex name(R"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)");
  const std::string own = event["metadata"].value("name", "");
  if (own.size() > 253 || !std::regex_match(own, name)) return "metadata.name: no DNS subdomain";
  const std::string space = event["metadata"].value("namespace", "");
  const std::string of_object = event.value("regarding", json::object()).value("namespace", "");
  if (space != (of_object.empty() ? "default" : of_object)) return "involvedObject.namespace: does not match";
  if (!event.contains("series")) return {};
  if (event["series"].value("count", 0) < 2) return "series.count: should be at least 2";
  if (!is_micro_time(event["series"].value("lastObservedTime", json())))
    return "series.lastObservedTime: required";
  return {};
}

std::string invalid(const json& object) {
  return object.value("kind", "") == "Event" ? invalid_event(object) : invalid_lease(object);
}

/// An Event's series and metadata may change, nothing else.
std::string forbidden_change(json before, json after) {
  if (after.value("kind", "") != "Event") return {};
  for (json* object : {&before, &after}) {
    object->erase("series");
    object->erase("metadata");
  }
  return before == after ? "" : "field is immutable";
}

json without_version(json object) {
  object["metadata"].erase("resourceVersion");
  return object;
}

}  // namespace

void FakeLeaseServer::set_fault(Faults faults) {
  const std::lock_guard lock(mutex_);
  faults_ = std::move(faults);
}

void FakeLeaseServer::set_interloper(std::function<void(const Request&)> interloper) {
  const std::lock_guard lock(mutex_);
  interloper_ = std::move(interloper);
}

json FakeLeaseServer::object(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(path);
  return found == objects_.end() ? json() : found->second;
}

std::vector<std::string> FakeLeaseServer::paths() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, object] : objects_) paths.push_back(path);
  return paths;
}

void FakeLeaseServer::put(const std::string& path, json object) {
  const std::lock_guard lock(mutex_);
  object["metadata"]["resourceVersion"] = std::to_string(++version_);
  objects_[path] = std::move(object);
}

void FakeLeaseServer::erase(const std::string& path) {
  const std::lock_guard lock(mutex_);
  objects_.erase(path);
}

std::vector<std::string> FakeLeaseServer::methods() const {
  const std::lock_guard lock(mutex_);
  return methods_;
}

std::size_t FakeLeaseServer::count(const std::string& method) const {
  const auto all = methods();
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), method));
}

Response FakeLeaseServer::call(const Request& request, std::chrono::milliseconds,
                               std::stop_token stop) noexcept {
  if (stop.stop_requested()) return broken(TransportError::cancelled, false);
  Faults faults;
  std::function<void(const Request&)> interloper;
  {
    const std::lock_guard lock(mutex_);
    methods_.push_back(request.method);
    faults = faults_;
    interloper = interloper_;
  }
  const Fault fault = faults ? faults(request) : Fault{};
  if (fault.before != TransportError::none) return broken(fault.before, false);
  if (fault.instead) return *fault.instead;
  if (interloper) interloper(request);
  const std::lock_guard lock(mutex_);
  const Response answer = act(request);
  return fault.after == TransportError::none ? answer : broken(fault.after, true);
}

CallStatus FakeLeaseServer::stream(const Request&, std::chrono::seconds, std::stop_token,
                                   LineSink&) noexcept {
  return refuse(405, "MethodNotAllowed").status;
}

Response FakeLeaseServer::act(const Request& request) {
  const std::string path = path_of(request);
  const json body = json::parse(request.body, nullptr, false);
  if (request.method == "POST") return create(path, body);
  const auto found = objects_.find(path);
  if (found == objects_.end()) return refuse(404, "NotFound", path + " not found");
  if (request.method == "GET") return ok(found->second.dump());
  if (request.method == "PUT") return update(path, body);
  if (request.content_type != "application/merge-patch+json") return refuse(415, "UnsupportedMediaType");
  json patched = found->second;
  patched.merge_patch(body);
  return update(path, std::move(patched));
}

Response FakeLeaseServer::create(const std::string& path, json object) {
  if (!object.is_object()) return refuse(400, "BadRequest", "no JSON");
  const std::string full = path + "/" + object["metadata"].value("name", "");
  if (objects_.contains(full)) return refuse(409, "AlreadyExists", full + " already exists");
  if (object["metadata"].contains("resourceVersion"))
    return refuse(400, "BadRequest", "resourceVersion on create");
  if (const auto why = invalid(object); !why.empty()) return refuse(422, "Invalid", why);
  object["metadata"]["uid"] = "uid-" + std::to_string(version_ + 1);
  return store(full, std::move(object), 201);
}

Response FakeLeaseServer::update(const std::string& path, json next) {
  const json& before = objects_.at(path);
  const json& version = before["metadata"]["resourceVersion"];
  if (!next.is_object() || next["metadata"].value("resourceVersion", version) != version) {
    return refuse(409, "Conflict", "the object has been modified");
  }
  if (next["metadata"].value("uid", "") != before["metadata"].value("uid", "")) {
    return refuse(409, "Conflict", "Precondition failed: UID");
  }
  if (const auto why = invalid(next); !why.empty()) return refuse(422, "Invalid", why);
  if (const auto why = forbidden_change(before, next); !why.empty()) return refuse(422, "Invalid", why);
  if (without_version(before) == without_version(next)) return ok(before.dump());  // nothing is written
  return store(path, std::move(next), 200);
}

Response FakeLeaseServer::store(const std::string& path, json object, int http) {
  object["metadata"]["resourceVersion"] = std::to_string(++version_);
  std::string text = object.dump();
  objects_[path] = std::move(object);
  return reply(http, std::move(text));
}

}  // namespace seraphim::kubernetes::testing
