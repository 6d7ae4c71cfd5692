// The CRD stays in step with the codec. How the API server itself takes it is for the cluster tests to see.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "api/codec.h"
#include "api/full_status.h"
#include "api/yaml_file.h"

namespace seraphim::api {
namespace {

using nlohmann::json;

const json& crd() {
  static const json kCrd = read_yaml("crds/serving.seraphim.io_seraphimdeployments.yaml");
  return kCrd;
}
const json& version() {
  return crd().at("spec").at("versions").at(0);
}
const json& schema() {
  return version().at("schema").at("openAPIV3Schema");
}
const json& block(const char* name) {
  return schema().at("properties").at(name);
}

std::set<std::string> names_of(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, ignored] : object.items()) names.insert(name);
  return names;
}

/// An object in the schema whose fields are all listed. `path` is as in a problem; an empty segment stands
/// for a list.
struct Place {
  std::vector<std::string> path;
  std::set<std::string> fields;
};

bool is_open(const json& part) {
  return part.contains("x-kubernetes-preserve-unknown-fields");
}

void collect(const json& part, std::vector<std::string> path, std::vector<Place>& places) {
  if (is_open(part) || part.contains("additionalProperties")) return;
  if (part.contains("items")) {
    path.emplace_back();
    return collect(part.at("items"), path, places);
  }
  if (part.value("type", "") != "object") return;
  const json properties = part.value("properties", json::object());
  places.push_back({path, names_of(properties)});
  for (const auto& [name, inner] : properties.items()) {
    auto deeper = path;
    deeper.push_back(name);
    collect(inner, deeper, places);
  }
}

/// The smallest object that has an unknown field at this place.
json with_unknown_field(const Place& place) {
  json value = {{"unknown", 1}};
  auto outwards = place.path;
  std::reverse(outwards.begin(), outwards.end());
  for (const auto& segment : outwards) {
    value = segment.empty() ? json::array({value}) : json{{segment, value}};
  }
  return value;
}

std::string path_text(const Place& place) {
  std::string text = "spec";
  for (const auto& segment : place.path) text += segment.empty() ? "[0]" : "." + segment;
  return text;
}

/// What the codec says it knows at this place.
std::set<std::string> codec_fields(const Place& place) {
  const auto deployment =
      decode_deployment({{"metadata", {{"name", "a"}}}, {"spec", with_unknown_field(place)}});
  const std::string start = path_text(place) + ": \"unknown\" is not a field here; ";
  for (const auto& problem : deployment.problems) {
    if (problem.rfind(start, 0) != 0) continue;
    std::set<std::string> fields;
    const std::string rest = problem.substr(start.size());
    if (rest.rfind("write one of ", 0) != 0) return fields;
    std::istringstream list(rest.substr(std::string("write one of ").size()));
    for (std::string name; std::getline(list >> std::ws, name, ',');) fields.insert(name);
    return fields;
  }
  ADD_FAILURE() << "the codec says nothing of an unknown field at " << path_text(place);
  return {};
}

TEST(Crd, SpecHasTheFieldsThatTheCodecKnows) {
  std::vector<Place> places;
  collect(block("spec"), {}, places);
  EXPECT_EQ(places.size(), 27u);
  for (const Place& place : places) EXPECT_EQ(codec_fields(place), place.fields) << path_text(place);
}

void expect_same_fields(const json& part, const json& value, const std::string& path) {
  if (part.contains("items")) return expect_same_fields(part.at("items"), value.at(0), path + "[0]");
  if (!part.contains("properties")) {
    const std::string type = part.at("type");
    EXPECT_EQ(type, value.is_number() ? "integer" : value.type_name()) << path;
    return;
  }
  ASSERT_EQ(names_of(part.at("properties")), names_of(value)) << path;
  for (const auto& [name, inner] : part.at("properties").items())
    expect_same_fields(inner, value.at(name), path + "." + name);
}

TEST(Crd, StatusHasTheFieldsThatTheCodecWrites) {
  std::mt19937_64 random(5);
  expect_same_fields(block("status"), encode_status(any_status(random, false)), "status");
}

TEST(Crd, TimesOfTheStatusAreWrittenAsTheFormatAsks) {
  std::mt19937_64 random(6);
  const json status = encode_status(any_status(random, false));
  int count = 0;
  for (const auto& [name, part] : block("status").at("properties").items()) {
    if (part.value("format", "") != "date-time") continue;
    EXPECT_TRUE(parse_time(status.at(name).get<std::string>())) << name;
    ++count;
  }
  EXPECT_EQ(count, 10);
}

/// As the API server does it: a default is put where a field is absent and its parent is there.
void apply_defaults(const json& part, json& value) {
  if (value.is_array() && part.contains("items")) {
    for (json& entry : value) apply_defaults(part.at("items"), entry);
  }
  if (!value.is_object() || !part.contains("properties")) return;
  for (const auto& [name, inner] : part.at("properties").items()) {
    if (!value.contains(name) && inner.contains("default")) value[name] = inner.at("default");
    if (value.contains(name)) apply_defaults(inner, value.at(name));
  }
}

TEST(Crd, DefaultsAreThoseOfTheCodec) {
  int differ = 0;
  const auto expect_same = [&](const json& object, const std::string& name) {
    json defaulted = object;
    apply_defaults(schema(), defaulted);
    differ += defaulted == object ? 0 : 1;
    EXPECT_EQ(decode_deployment(defaulted).spec, decode_deployment(object).spec) << name;
  };
  expect_same(valid_deployment(), "valid");
  for (const auto& one : accepted_deployments()) expect_same(one.object, one.name);
  EXPECT_GT(differ, 30);
}

void expect_described(const json& part, const std::string& path) {
  if (part.contains("items")) return expect_described(part.at("items"), path + "[]");
  if (!part.contains("properties")) return;
  for (const auto& [name, inner] : part.at("properties").items()) {
    EXPECT_GT(inner.value("description", "").size(), 3u) << path << "." << name;
    expect_described(inner, path + "." + name);
  }
}

TEST(Crd, EveryFieldIsExplained) {
  expect_described(block("spec"), "spec");
  expect_described(block("status"), "status");
}

TEST(Crd, EveryPhaseIsExplained) {
  const std::string text = block("status").at("properties").at("phase").at("description");
  for (int i = 0; i <= static_cast<int>(Phase::degraded); ++i) {
    EXPECT_THAT(text, testing::HasSubstr(to_string(static_cast<Phase>(i))));
  }
}

/// The schema of what a path such as .status.weight.applied names; null when there is none.
json find(const std::string& path) {
  const json* part = &schema();
  std::istringstream segments(path.substr(1));
  for (std::string name; std::getline(segments, name, '.');) {
    if (!part->contains("properties") || !part->at("properties").contains(name)) return nullptr;
    part = &part->at("properties").at(name);
  }
  return *part;
}

TEST(Crd, ColumnsAndScalePathsExist) {
  std::vector<std::string> columns;
  for (const json& column : version().at("additionalPrinterColumns")) {
    columns.push_back(column.at("name"));
    if (column.at("name") == "Age") continue;
    const json part = find(column.at("jsonPath"));
    ASSERT_FALSE(part.is_null()) << column;
    EXPECT_EQ(part.at("type"), column.at("type")) << column;
  }
  EXPECT_THAT(columns, testing::ElementsAre("Phase", "Weight", "Step", "Stable", "Candidate", "Age"));
  const json& scale = version().at("subresources").at("scale");
  EXPECT_EQ(find(scale.at("specReplicasPath")).at("type"), "integer");
  EXPECT_EQ(find(scale.at("statusReplicasPath")).at("type"), "integer");
  EXPECT_EQ(find(scale.at("labelSelectorPath")).at("type"), "string");
}

TEST(Crd, IsNamedAsTheCode) {
  const json& spec = crd().at("spec");
  EXPECT_EQ(spec.at("group"), kGroup);
  EXPECT_EQ(version().at("name"), kVersion);
  EXPECT_EQ(spec.at("names").at("kind"), kKind);
  EXPECT_EQ(spec.at("names").at("plural"), kPlural);
  EXPECT_EQ(crd().at("metadata").at("name"), std::string(kPlural) + "." + kGroup);
  EXPECT_EQ(spec.at("names").at("shortNames"), json({"sdep"}));
}

}  // namespace
}  // namespace seraphim::api
