// What looks like a secret is not shown, and what is none is.
#include "report/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace seraphim::report {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

/// Both sides alike.
json hidden(json value) {
  json other = value;
  hide_secrets(value, other);
  EXPECT_EQ(value, other);
  return value;
}

json variable(const std::string& name, const std::string& value) {
  return {{"name", name}, {"value", value}};
}

class SecretName : public ::testing::TestWithParam<const char*> {};
TEST_P(SecretName, HidesTheValueOfAVariable) {
  EXPECT_EQ(hidden(json::array({variable(GetParam(), "hush")})),
            json::array({variable(GetParam(), "(hidden)")}));
}
INSTANTIATE_TEST_SUITE_P(Names, SecretName,
                         ::testing::Values("TOKEN", "HF_TOKEN", "DB_PASSWORD", "PGPASSWD", "CLIENT_SECRET",
                                           "API_KEY", "AWS_SECRET_ACCESS_KEY", "aws-access-key-id",
                                           "Authorization", "SSH_PRIVATE_KEY", "credentials", "SMTP_PASS",
                                           "BASIC_AUTH", "Cookie", "AUTH_HEADER", "SSH_KEY_DATA",
                                           "x-auth-value"));

class PlainName : public ::testing::TestWithParam<const char*> {};
TEST_P(PlainName, KeepsTheValueOfAVariable) {
  EXPECT_EQ(hidden(variable(GetParam(), "v3")), variable(GetParam(), "v3"));
}
INSTANTIATE_TEST_SUITE_P(Names, PlainName,
                         ::testing::Values("MODEL_VERSION", "FAILURE_RATE", "PATH", "KEYBOARD", "AUTHOR",
                                           "PASSES"));

TEST(Secrets, AChangeIsSeenAndNotWhatItIs) {
  json before = json::array({variable("TOKEN", "one"), variable("OTHER_TOKEN", "same")});
  json after = json::array({variable("TOKEN", "two"), variable("OTHER_TOKEN", "same")});
  hide_secrets(before, after);
  EXPECT_EQ(before[0]["value"], "(hidden, value 1)");
  EXPECT_EQ(after[0]["value"], "(hidden, value 2)");
  EXPECT_EQ(before[1], after[1]);
}

TEST(Secrets, MembersFlagsAndAddressesToo) {
  EXPECT_EQ(hidden({{"annotations", {{"example.com/token", "hush"}}}})["annotations"]["example.com/token"],
            "(hidden)");
  EXPECT_EQ(hidden(json::array({"--api-key", "hush", "--port", "80"})),
            json::array({"--api-key", "(hidden)", "--port", "80"}));
  EXPECT_EQ(hidden("--token=hush --port=80"), "--token=(hidden) --port=80");
  EXPECT_EQ(hidden("https://store/m.mar?X-Token=hush&part=1"), "https://store/m.mar?X-Token=(hidden)&part=1");
  EXPECT_EQ(hidden("postgres://ann:hush@db:5432/x"), "postgres://ann:(hidden)@db:5432/x");
  EXPECT_EQ(hidden("PASSWORD='hu sh' run"), "PASSWORD=(hidden) run");
  EXPECT_EQ(without_secrets("get https://a:b@c/?token=d failed"),
            "get https://a:(hidden)@c/?token=(hidden) failed");
}

TEST(Secrets, ReferencesStay) {
  const json references = {
      {"volumes", json::array({{{"secret", {{"secretName", "db"}}}}})},
      {"env", json::array({{{"name", "TOKEN"},
                            {"valueFrom", {{"secretKeyRef", {{"name", "db"}, {"key", "token"}}}}}}})},
      {"affinity", {{"topologyKey", "zone"}, {"key", "role"}}},
      {"automountServiceAccountToken", true},
      {"url", "http://host:8080/a=b?c=d"}};
  EXPECT_EQ(hidden(references), references);
}

TEST(Secrets, AnyJsonIsTaken) {
  for (const char* text : {"null", "3", "[]", "{}", R"({"name":3,"value":null})", R"("=")", R"("==token==")",
                           R"(["--token"])", R"("://@")", R"("token=\"")", R"({"":{"":[[""]]}})"}) {
    json value = json::parse(text), other;
    hide_secrets(value, other);
  }
}

}  // namespace
}  // namespace seraphim::report
