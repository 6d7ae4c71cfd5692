#include "simulation/api_server.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "kubernetes/json_read.h"
#include "simulation/snapshot.h"

namespace seraphim::simulation {

using kubernetes::ObjectKey;
using kubernetes::Request;
using kubernetes::Response;
using nlohmann::json;

namespace {

constexpr std::string_view kApply = "application/apply-patch+yaml";
constexpr std::string_view kJsonPatch = "application/json-patch+json";

bool has_status(Kind kind) {
  return kind == Kind::deployments || kind == Kind::replica_sets || kind == Kind::routes ||
         kind == Kind::freezes;
}

/// What the applier owned and left out goes (runtime rule 24): of what the operator applies, these can.
void drop_owned_fields(Kind kind, json& object) {
  if (!object.contains("spec")) return;
  if (kind == Kind::services) object["spec"].erase("selector");
  if (kind == Kind::routes) object["spec"].erase("hostnames");
}

/// Comparing costs less than copying, and mostly nothing differs.
void keep(const char* name, const json& before, json& after) {
  if (!before.contains(name)) {
    after.erase(name);
  } else if (!after.contains(name) || after[name] != before[name]) {
    after[name] = before[name];
  }
}

/// The operator's patches bring the status as one, the largest thing that there is: it is moved, not copied.
void take_whole_status(json& operations, json& object) {
  const auto whole = std::find_if(operations.begin(), operations.end(), [](const json& operation) {
    return kubernetes::text_or(operation, "op") == "add" &&
           kubernetes::text_or(operation, "path") == "/status" && operation.contains("value");
  });
  if (whole == operations.end()) return;
  object["status"] = std::move((*whole)["value"]);
  operations.erase(whole);
}

/// The main resource keeps its status, and the status subresource everything else.
void keep_the_other_half(const Target& target, const json& before, json& after) {
  if (!has_status(target.kind)) return;
  if (target.subresource != "status") return keep("status", before, after);
  if (!after.contains("status")) keep("status", before, after);
  for (const char* name : {"apiVersion", "kind", "metadata", "spec"}) keep(name, before, after);
}

bool has_finalizers(const json& object) {
  const json& finalizers = kubernetes::member(object["metadata"], "finalizers");
  return finalizers.is_array() && !finalizers.empty();
}

std::string line(std::string_view type, const std::string& object) {
  std::string text = R"({"type":")";
  text.append(type).append(R"(","object":)").append(object).append("}");
  return text;
}

std::string bookmark_line(Kind kind, std::uint64_t version, bool end_of_list) {
  json object = {{"kind", type_of(kind).kind}, {"metadata", {{"resourceVersion", std::to_string(version)}}}};
  if (end_of_list) object["metadata"]["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  return line("BOOKMARK", object.dump());
}

}  // namespace

Response reply(int http, std::string body) {
  return {.status = {.http = http, .sent = true}, .body = std::move(body)};
}

Response refuse(int http, const std::string& reason, const std::string& message) {
  const json status = {
      {"kind", "Status"}, {"status", "Failure"}, {"code", http}, {"reason", reason}, {"message", message}};
  return reply(http, status.dump());
}

std::string Target::value_of(std::string_view parameter) const {
  const std::string wanted = std::string(parameter) + "=";
  for (std::size_t at = query.find(wanted); at != std::string::npos; at = query.find(wanted, at + 1)) {
    if (at != 0 && query[at - 1] != '&') continue;
    const std::size_t begin = at + wanted.size();
    return query.substr(begin, query.find('&', begin) - begin);
  }
  return {};
}

Target parse_target(const std::string& text) {
  Target target;
  const std::size_t question = text.find('?');
  if (question != std::string::npos) target.query = text.substr(question + 1);
  std::string path = text.substr(0, question);
  std::vector<std::string> parts;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  std::size_t next = parts.at(0) == "api" ? 2 : 3;
  if (parts.at(next) == "namespaces") {
    target.key.namespace_ = parts.at(next + 1);
    next += 2;
  }
  target.kind = kind_of(parts.at(next));
  if (parts.size() > next + 1) target.key.name = parts[next + 1];
  if (parts.size() > next + 2) target.subresource = parts[next + 2];
  return target;
}

// --- Watches

WatchStream::WatchStream(const ApiStore& store, const Target& target)
    : store_(store), kind_(target.kind), labelled_only_(target.asks("labelSelector=")) {
  const std::string seconds = target.value_of("timeoutSeconds");
  int count = 300;
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), count);
  timeout_ = std::chrono::seconds(count);
  const auto& history = store_.history(kind_);
  next_ = store_.dropped(kind_) + history.size();
  if (target.asks("sendInitialEvents=true")) {
    const Snapshot snapshot = snapshot_of(store_, kind_, labelled_only_);
    first_.push_back(bookmark_line(kind_, snapshot.version, true));
    for (const auto& text : snapshot.objects) first_.push_back(line("ADDED", *text));
    next_ = snapshot.position;
    return;
  }
  const std::uint64_t from = std::stoull(target.value_of("resourceVersion"));
  if (from < store_.oldest_version(kind_)) {
    over_ = true;
    first_.push_back(line("ERROR", refuse(410, "Expired", "too old resource version").body));
    return;
  }
  while (next_ > store_.dropped(kind_) && history[next_ - 1 - store_.dropped(kind_)].version > from) --next_;
  skip();
}

bool WatchStream::concerned(const HistoryEntry& entry) const {
  return !labelled_only_ || entry.labelled || entry.was_labelled;
}

/// For a watch with a selector an object comes when it gets the label, and goes when it loses it.
std::string_view WatchStream::event_type(const HistoryEntry& entry) const {
  const bool here = entry.type != HistoryEntry::Type::removed && (!labelled_only_ || entry.labelled);
  if (!here) return "DELETED";
  const bool was_here = entry.type == HistoryEntry::Type::modified && (!labelled_only_ || entry.was_labelled);
  return was_here ? "MODIFIED" : "ADDED";
}

/// Over what this watch does not ask for.
void WatchStream::skip() {
  const auto& history = store_.history(kind_);
  while (next_ >= store_.dropped(kind_) && next_ - store_.dropped(kind_) < history.size() &&
         !concerned(history[next_ - store_.dropped(kind_)]))
    ++next_;
}

std::optional<SimTime> WatchStream::next_at() const {
  if (!first_.empty()) return SimTime{};
  if (over_) return std::nullopt;
  if (next_ < store_.dropped(kind_)) return SimTime{};  // what it has not read is gone
  const auto& history = store_.history(kind_);
  for (std::uint64_t at = next_ - store_.dropped(kind_); at < history.size(); ++at) {
    if (concerned(history[at])) return history[at].at;
  }
  return std::nullopt;
}

std::string WatchStream::take() {
  if (!first_.empty()) {
    std::string text = std::move(first_.back());
    first_.pop_back();
    return text;
  }
  if (next_ < store_.dropped(kind_)) {
    over_ = true;
    return line("ERROR", refuse(410, "Expired", "too old resource version").body);
  }
  skip();
  const HistoryEntry& entry = store_.history(kind_)[next_ - store_.dropped(kind_)];
  ++next_;
  return line(event_type(entry), *entry.text);
}

void WatchStream::jump_to_end() {
  over_ = false;
  next_ = store_.dropped(kind_) + store_.history(kind_).size();
}

std::string WatchStream::bookmark() const {
  return bookmark_line(kind_, store_.version(), false);
}

// --- Requests

Response ApiServer::handle(const Request& request, const Author& author) {
  const Target target = parse_target(request.target);
  if (request.method == "GET") {
    if (target.key.name.empty()) return list(target);
    const auto found = store_.get(target.kind, target.key);
    return found ? reply(200, *found->text) : refuse(404, "NotFound");
  }
  if (request.method == "POST") return create(target, json::parse(request.body), author);
  if (request.method == "DELETE") return remove(target, request, author);
  return change(target, request, author);
}

Response ApiServer::list(const Target& target) const {
  const Snapshot snapshot = snapshot_of(store_, target.kind, target.asks("labelSelector="));
  std::string items;
  for (const auto& text : snapshot.objects) items += (items.empty() ? "" : ",") + *text;
  return reply(200, R"({"kind":"List","metadata":{"resourceVersion":")" + std::to_string(snapshot.version) +
                        R"("},"items":[)" + items + "]}");
}

Response ApiServer::create(const Target& target, json object, const Author& author) {
  const ObjectKey key{target.key.namespace_, object["metadata"]["name"].get<std::string>()};
  if (store_.get(target.kind, key)) return refuse(409, "AlreadyExists", key.name + " already exists");
  if (has_status(target.kind)) object.erase("status");
  return reply(201, *store_.create(target.kind, std::move(object), author)->text);
}

Response ApiServer::change(const Target& target, const Request& request, const Author& author) {
  const auto before = store_.get(target.kind, target.key);
  json change = json::parse(request.body);
  const bool apply = request.content_type == kApply;
  if (!before && apply) {
    if (kubernetes::member(change, "metadata").contains("uid"))
      return refuse(409, "Conflict", "a uid is given, and no such object was found");
    return create(target, std::move(change), author);
  }
  if (!before) return refuse(404, "NotFound");
  json after = *before->value;
  if (request.method == "PUT") {
    after = std::move(change);
  } else if (request.content_type == kJsonPatch) {
    try {
      take_whole_status(change, after);
      after.patch_inplace(change);
    } catch (const json::exception& error) {
      return refuse(422, "Invalid", error.what());
    }
  } else {
    if (apply) drop_owned_fields(target.kind, after);
    after.merge_patch(change);
  }
  const json& meta = (*before->value)["metadata"];
  if (after["metadata"]["resourceVersion"] != meta["resourceVersion"] ||
      after["metadata"]["uid"] != meta["uid"])
    return refuse(409, "Conflict", "the object has been modified");
  keep_the_other_half(target, *before->value, after);
  if (after["metadata"].contains("deletionTimestamp") && !has_finalizers(after)) {
    store_.remove(target.kind, target.key, author);
    return reply(200, after.dump());
  }
  return reply(200, *store_.update(target.kind, before, std::move(after), target.subresource, author)->text);
}

Response ApiServer::remove(const Target& target, const Request& request, const Author& author) {
  const auto before = store_.get(target.kind, target.key);
  if (!before) return refuse(404, "NotFound");
  const json options = json::parse(request.body, nullptr, false);
  const std::string uid = kubernetes::text_or(kubernetes::member(options, "preconditions"), "uid");
  if (!uid.empty() && uid != (*before->value)["metadata"]["uid"])
    return refuse(409, "Conflict", "another uid");
  if (has_finalizers(*before->value)) {
    json marked = *before->value;
    // Any time will do: nobody reads more of it than that it is there.
    if (!marked["metadata"].contains("deletionTimestamp"))
      marked["metadata"]["deletionTimestamp"] = "2000-01-01T00:00:00Z";
    return reply(200, *store_.update(target.kind, before, std::move(marked), {}, author)->text);
  }
  store_.remove(target.kind, target.key, author);
  return reply(200, "{}");
}

}  // namespace seraphim::simulation
