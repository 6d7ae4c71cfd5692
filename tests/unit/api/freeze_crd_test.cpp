// The CRD of SeraphimFreeze stays in step with the codec.
#include <gmock/gmock.h>

#include <set>

#include "api/freeze_codec.h"
#include "api/seraphim_deployment.h"
#include "api/yaml_file.h"

namespace seraphim::api {
namespace {

using nlohmann::json;

class FreezeCrd : public testing::Test {
 protected:
  const json crd_ = read_yaml("crds/serving.seraphim.io_seraphimfreezes.yaml");
  const json& version_ = crd_.at("spec").at("versions").at(0);
  const json& parts_ = version_.at("schema").at("openAPIV3Schema").at("properties");
};

/// "write one of a, b" of the problem that an unknown field at this place gives.
std::string fields_by_codec(const json::json_pointer& place) {
  json object = valid_freeze();
  object[place]["unknown"] = 1;
  const auto problems = decode_freeze(object).problems;
  return problems.size() == 1 ? problems.front().substr(problems.front().find("write one of ") + 13) : "";
}

std::string fields_by_schema(const json& part) {
  std::string list;
  for (const auto& [name, ignored] : part.at("properties").items()) list += (list.empty() ? "" : ", ") + name;
  return list;
}

std::string sorted(const std::string& list) {
  json object = json::object();
  std::size_t from = 0;
  for (std::size_t to = 0; to != std::string::npos; from = to + 2) {
    to = list.find(", ", from);
    object["properties"][list.substr(from, to - from)] = 1;
  }
  return fields_by_schema(object);
}

TEST_F(FreezeCrd, SpecHasTheFieldsThatTheCodecKnows) {
  const json& spec = parts_.at("spec");
  const auto expect_same = [](const json& part, const char* place) {
    EXPECT_EQ(fields_by_schema(part), sorted(fields_by_codec(json::json_pointer(place)))) << place;
  };
  expect_same(spec, "/spec");
  const json& selector = spec.at("properties").at("selector");
  expect_same(selector, "/spec/selector");
  expect_same(selector.at("properties").at("matchExpressions").at("items"),
              "/spec/selector/matchExpressions/0");
  expect_same(spec.at("properties").at("windows").at("items"), "/spec/windows/0");
}

TEST_F(FreezeCrd, StatusHasTheFieldsThatTheCodecWrites) {
  FreezeStatus status;
  status.next_change = Time{};
  status.conditions.push_back({"Accepted", ConditionStatus::true_, "Accepted", "", 0, Time{}});
  const json written = encode_freeze_status(status);
  const json& schema = parts_.at("status");
  EXPECT_EQ(fields_by_schema(schema), fields_by_schema({{"properties", written}}));
  EXPECT_EQ(fields_by_schema(schema.at("properties").at("conditions").at("items")),
            fields_by_schema({{"properties", written.at("conditions").at(0)}}));
}

TEST_F(FreezeCrd, TheDefaultIsThatOfTheCodec) {
  const json& zone = parts_.at("spec").at("properties").at("timeZone");
  EXPECT_EQ(zone.at("default"), FreezeSpec{}.time_zone);
}

void expect_freeze_described(const json& part, const std::string& path) {
  if (part.contains("items")) return expect_freeze_described(part.at("items"), path + "[]");
  if (!part.contains("properties")) return;
  for (const auto& [name, inner] : part.at("properties").items()) {
    EXPECT_GT(inner.value("description", "").size(), 3u) << path << "." << name;
    expect_freeze_described(inner, path + "." + name);
  }
}

TEST_F(FreezeCrd, EveryFieldIsExplained) {
  expect_freeze_described(parts_.at("spec"), "spec");
  expect_freeze_described(parts_.at("status"), "status");
}

TEST_F(FreezeCrd, IsNamedAsTheCodeAndShowsWhatMatters) {
  const json& spec = crd_.at("spec");
  EXPECT_EQ(spec.at("group"), kGroup);
  EXPECT_EQ(version_.at("name"), kVersion);
  EXPECT_EQ(spec.at("names").at("kind"), kFreezeKind);
  EXPECT_EQ(spec.at("names").at("plural"), kFreezePlural);
  EXPECT_EQ(spec.at("names").at("shortNames"), json({"sfrz"}));
  EXPECT_EQ(crd_.at("metadata").at("name"), std::string(kFreezePlural) + "." + kGroup);
  std::vector<std::string> columns;
  for (const json& column : version_.at("additionalPrinterColumns")) {
    if (!column.contains("priority")) columns.push_back(column.at("name"));
  }
  EXPECT_THAT(columns, testing::ElementsAre("Active", "Reason", "Who", "Until", "Age"));
}

}  // namespace
}  // namespace seraphim::api
