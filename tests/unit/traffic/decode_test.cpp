// What is read of HTTPRoutes, Services and EndpointSlices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "traffic/endpoint_slice.h"
#include "traffic/http_route.h"
#include "traffic/service.h"

namespace seraphim::traffic {
namespace {

using kubernetes::Resource;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

HttpRoute route(const char* text) {
  return Resource<HttpRoute>::decode(json::parse(text)).value();
}

TEST(HttpRoute, Backends) {
  const auto read = route(R"({"metadata":{"namespace":"shop","name":"r"},"spec":{"rules":[
      {"backendRefs":[{"name":"plain"},{"name":"heavy","weight":7},{"name":"none","weight":0}]},
      {"matches":[]},
      {"backendRefs":[{"name":"same","namespace":"shop","kind":"Service","group":""},
                      {"name":"elsewhere","namespace":"other","weight":3},
                      {"name":"bucket","kind":"Bucket"},
                      {"name":"typed","group":"example.com"}]}]}})");
  ASSERT_EQ(read.rules.size(), 3u);
  EXPECT_THAT(read.rules[0], ElementsAre(BackendReference{"plain", 1}, BackendReference{"heavy", 7},
                                         BackendReference{"none", 0}));
  EXPECT_THAT(read.rules[1], IsEmpty());
  EXPECT_THAT(read.rules[2], ElementsAre(BackendReference{"same", 1}, BackendReference{"", 3},
                                         BackendReference{"", 1}, BackendReference{"", 1}));
}

TEST(HttpRoute, ParentRefsWithTheDefaultsOfTheApi) {
  const auto read = route(R"({"spec":{"parentRefs":[{"name":"gw"},
      {"name":"gw","kind":"Gateway","group":"gateway.networking.k8s.io"},
      {"kind":"Service","name":"mesh","group":""}],"hostnames":["a.example","b.example",7]}})");
  ASSERT_EQ(read.parent_refs.size(), 3u);
  EXPECT_EQ(read.parent_refs[0], R"({"group":"gateway.networking.k8s.io","kind":"Gateway","name":"gw"})");
  EXPECT_EQ(read.parent_refs[1], read.parent_refs[0]);
  EXPECT_EQ(read.parent_refs[2], R"({"group":"","kind":"Service","name":"mesh"})");
  EXPECT_THAT(read.hostnames, ElementsAre("a.example", "b.example"));
  EXPECT_EQ(canonical_parent_ref(json::parse(R"({"name":"gw"})")), read.parent_refs[0]);
}

struct RefusalCase {
  const char* name;
  const char* conditions;
  const char* refusal;
};

class Refusal : public ::testing::TestWithParam<RefusalCase> {};

TEST_P(Refusal, IsAboutThisGeneration) {
  const std::string text = R"({"metadata":{"generation":3},"status":{"parents":[{"conditions":[)" +
                           std::string(GetParam().conditions) + "]}]}}";
  EXPECT_EQ(route(text.c_str()).refusal, GetParam().refusal);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Refusal,
    ::testing::Values(
        RefusalCase{"NoWordYet", "", ""},
        RefusalCase{"Accepted", R"({"type":"Accepted","status":"True","observedGeneration":3,"reason":"x"})",
                    ""},
        RefusalCase{
            "Refused",
            R"({"type":"Accepted","status":"False","observedGeneration":3,"reason":"NoMatch","message":"no host"})",
            "NoMatch: no host"},
        RefusalCase{"OlderGeneration",
                    R"({"type":"Accepted","status":"False","observedGeneration":2,"reason":"NoMatch"})", ""},
        RefusalCase{"WithoutGeneration", R"({"type":"Accepted","status":"False","reason":"A","message":"b"})",
                    "A: b"},
        RefusalCase{"AnotherCondition",
                    R"({"type":"ResolvedRefs","status":"False","observedGeneration":3,"reason":"NoMatch"})",
                    ""}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(HttpRoute, OneOfSeveralGatewaysRefuses) {
  EXPECT_EQ(route(R"({"status":{"parents":[
      {"conditions":[{"type":"Accepted","status":"True"}]},
      {"conditions":[{"type":"Accepted","status":"False","reason":"A","message":"b"}]}]}})")
                .refusal,
            "A: b");
}

TEST(HttpRoute, IsTotal) {
  for (const char* text :
       {"null", "7", R"({"spec":7})", R"({"spec":{"rules":{},"parentRefs":"x","hostnames":7}})",
        R"({"status":{"parents":[7,{"conditions":[7]}]}})"}) {
    EXPECT_EQ(route(text), HttpRoute{}) << text;
  }
  EXPECT_THAT(route(R"({"spec":{"rules":[7]}})").rules, ElementsAre(IsEmpty()));
}

TEST(EndpointSlice, ReadyPodsOnly) {
  const auto slice = Resource<EndpointSlice>::decode(json::parse(R"({"endpoints":[
      {"conditions":{"ready":true},"targetRef":{"kind":"Pod","name":"ready"}},
      {"conditions":{"ready":false},"targetRef":{"kind":"Pod","name":"not-ready"}},
      {"conditions":{},"targetRef":{"kind":"Pod","name":"unset"}},
      {"targetRef":{"kind":"Pod","name":"no-conditions"}},
      {"conditions":{"ready":null},"targetRef":{"kind":"Pod","name":"null"}},
      {"conditions":{"ready":true},"targetRef":{"kind":"Node","name":"node"}},
      {"conditions":{"ready":true}}]})"));
  ASSERT_TRUE(slice.has_value());
  EXPECT_THAT(slice->ready_pods, ElementsAre("ready", "unset", "no-conditions", "null"));
  EXPECT_THAT(Resource<EndpointSlice>::decode(json::parse(R"({"endpoints":null})"))->ready_pods, IsEmpty());
}

TEST(Service, SelectorAndFirstPort) {
  const auto service = Resource<Service>::decode(json::parse(R"({"metadata":{"name":"web"},"spec":{
      "selector":{"a":"b"},"ports":[{"port":80,"targetPort":8080},{"port":81}]}})"));
  ASSERT_TRUE(service.has_value());
  EXPECT_EQ(service->meta.key.name, "web");
  EXPECT_THAT(service->selector, ElementsAre(std::pair<const std::string, std::string>("a", "b")));
  EXPECT_EQ(service->port, 80);
  EXPECT_EQ(service->target_port, 8080);
  EXPECT_EQ(Resource<Service>::decode(json::parse(R"({"spec":{"ports":[{"port":80,"targetPort":"http"}]}})"))
                ->target_port,
            0);
  EXPECT_EQ(Resource<Service>::decode(json::parse("7")).value(), Service{});
}

}  // namespace
}  // namespace seraphim::traffic
