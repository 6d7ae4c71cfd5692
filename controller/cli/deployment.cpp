#include "cli/deployment.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "kubernetes/json_read.h"
#include "workload/recorded_revision.h"

namespace seraphim::cli {
namespace {

using kubernetes::elements;
using kubernetes::int64_or;
using kubernetes::member;
using kubernetes::text_or;
using nlohmann::json;

constexpr int kMostRecords = 500;
constexpr int kMostEvents = 500;

tl::expected<Record, std::string> decode_record(const json& object) {
  auto revision = workload::decode_revision(object);
  if (!revision) {
    return tl::unexpected("ControllerRevision " + kubernetes::decode_meta(object).key.name +
                          " cannot be understood: " + revision.error());
  }
  return Record{.revision = *std::move(revision),
                .workload = member(member(object, "data"), "workload").dump()};
}

Happening decode_happening(const json& object) {
  const json& series = member(object, "series");
  const std::string at = text_or(series, "lastObservedTime", text_or(object, "eventTime"));
  return {.at = at.empty() ? text_or(object, "deprecatedLastTimestamp") : at,
          .warning = text_or(object, "type") == "Warning",
          .reason = text_or(object, "reason"),
          .note = text_or(object, "note"),
          .count = int64_or(series, "count", 1)};
}

}  // namespace

const kubernetes::ResourceType& deployment_type() {
  static const kubernetes::ResourceType type{api::kGroup, api::kVersion, api::kPlural, api::kKind};
  return type;
}

tl::expected<api::SeraphimDeployment, std::string> read_deployment(const Cluster& cluster,
                                                                   const std::string& name) {
  const auto object = cluster.client().get(deployment_type(), {cluster.namespace_name(), name});
  if (!object) return tl::unexpected(sentence(object.error()));
  return api::decode_deployment(*object);
}

tl::expected<std::vector<Record>, std::string> read_records(const Cluster& cluster,
                                                            const api::SeraphimDeployment& object) {
  static const kubernetes::ResourceType type{"apps", "v1", "controllerrevisions", "ControllerRevision"};
  const auto list = cluster.client().list(type, cluster.namespace_name(),
                                          std::string(api::kLabelName) + "=" + object.name, kMostRecords);
  if (!list) return tl::unexpected(sentence(list.error()));
  std::vector<Record> records;
  for (const json& item : elements(*list, "items")) {
    const auto meta = kubernetes::decode_meta(item);
    if (meta.deleting || !meta.controller || meta.controller->uid != object.uid) continue;
    auto record = decode_record(item);
    if (!record) return tl::unexpected(record.error());
    records.push_back(*std::move(record));
  }
  std::sort(records.begin(), records.end(), [](const Record& left, const Record& right) {
    return left.revision.number < right.revision.number;
  });
  return records;
}

tl::expected<std::vector<Happening>, std::string> read_happenings(const Cluster& cluster,
                                                                  const std::string& name, std::size_t most) {
  static const kubernetes::ResourceType type{"events.k8s.io", "v1", "events", "Event"};
  const std::string about = "regarding.kind=" + std::string(api::kKind) + ",regarding.name=" + name;
  const auto list = cluster.get(kubernetes::collection_path(type, cluster.namespace_name()) +
                                    "?limit=" + std::to_string(kMostEvents) +
                                    "&fieldSelector=" + kubernetes::percent_encode(about),
                                "list Events of " + name);
  if (!list) return tl::unexpected(list.error());
  std::vector<Happening> all;
  for (const json& item : elements(*list, "items")) all.push_back(decode_happening(item));
  // RFC 3339 in UTC with the same digits sorts as text.
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  if (all.size() > most) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
  return all;
}

const Record* record_of(const std::vector<Record>& records, const std::string& name) {
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&](const Record& record) { return record.revision.name == name; });
  return found == records.end() ? nullptr : &*found;
}

std::string wanted_revision(const api::SeraphimDeployment& object) {
  return api::revision_name(object.name, object.spec.workload);
}

}  // namespace seraphim::cli
