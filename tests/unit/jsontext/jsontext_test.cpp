// The same as nlohmann::json says, of every text and every value: it is the oracle.
#include "jsontext/jsontext.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <random>

namespace seraphim::jsontext {
namespace {

using nlohmann::json;

std::string by_library(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Equal, and of equal types: nlohmann's == takes 1, 1u and 1.0 for the same.
bool same(const json& a, const json& b) {
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_object()) {
    for (const auto& [name, value] : a.items()) {
      if (!b.contains(name) || !same(value, b.at(name))) return false;
    }
    return true;
  }
  if (!a.is_array()) return a.is_discarded() || a == b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!same(a[i], b[i])) return false;
  }
  return true;
}

void expect_as_library(const std::string& text) {
  const json ours = parse(text), theirs = json::parse(text, nullptr, false);
  EXPECT_TRUE(same(ours, theirs)) << text;
  EXPECT_EQ(dump(theirs), by_library(theirs)) << text;
}

class OneText : public testing::TestWithParam<const char*> {};

TEST_P(OneText, IsReadAsByTheLibrary) {
  expect_as_library(GetParam());
  expect_as_library(std::string("[") + GetParam() + "," + GetParam() + "]");
  expect_as_library(std::string(" {\"a\" :\t") + GetParam() + "\r\n} ");
}

INSTANTIATE_TEST_SUITE_P(
    All, OneText,
    testing::Values("", " ", "0", "-0", "00", "01", "-", "+1", "1", "-1", "12345678901234567",
                    "123456789012345678", "1234567890123456789", "9223372036854775807", "9223372036854775808",
                    "-9223372036854775808", "18446744073709551615", "18446744073709551616", "1.", ".5", "1.5",
                    "-0.0", "1e5", "1E+5", "1e-5", "1e", "1e+", "1.e5", "1.0e400", "1e-400", "0.1",
                    "1795537053.017", "4.9e-324", "0x10", "1 2", "true", "false", "null", "tru", "truex",
                    "nul", "NaN", "Infinity", "[]", "{}", "[1,]", "[,1]", "[1 2]", "{\"a\":1,}", "{\"a\"}",
                    "{a:1}", "{\"a\":1,\"a\":[2]}", "{\"a\":{\"x\":1},\"a\":{}}", "{\"b\":1,\"a\":2}",
                    "[[[]]]", "\"\"", "\"plain\"", "\"open", "\"\\\"\\\\\\/\\n\\t\\b\\f\\r\"",
                    "\"\\u0041\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\x\"", "\"\\", "\"caf\xc3\xa9\"",
                    "\"\xff\"", "\"\xc3\"", "\"tab\tin\"", "\"\x7f\"", "\xef\xbb\xbf{}", "// no\n1", "]", "}",
                    "{\"a\":1}x", "\"{\\\"v\\\":2}\""));

TEST(JsonText, DeepNestingIsTheLibrarys) {
  for (const std::size_t depth : {60u, 64u, 65u, 66u, 100'000u}) {
    const std::string text = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_EQ(parse(text).is_array(), true) << depth;
    EXPECT_TRUE(parse(std::string(depth, '[')).is_discarded()) << depth;
  }
}

TEST(JsonText, ValuesThatNoTextHas) {
  for (const json& value : {json(std::string("\xff\xc3")), json(std::string("a\0b", 3)), json(1.0), json(0.1),
                            json(std::numeric_limits<double>::infinity()), json(-5), json(5u),
                            json(std::numeric_limits<std::int64_t>::min()), json::binary({1, 2}),
                            json(json::value_t::discarded), json({{"\"k\n\"", {1, nullptr, true}}})}) {
    EXPECT_EQ(dump(value), by_library(value));
  }
}

json random_value(std::mt19937& random, int depth) {
  static const std::vector<std::string> kTexts{
      "",     "name",        "a \"quote\"", "back\\slash",   "caf\xc3\xa9",
      "\x01", "line\nbreak", "metadata",    "seraphim.io/x", "\xf0\x9f\x98\x80"};
  const auto text = [&] { return kTexts[random() % kTexts.size()]; };
  switch (random() % (depth > 4 ? 6 : 8)) {
    case 0:
      return text();
    case 1:
      return static_cast<std::int64_t>(random()) - (std::int64_t{1} << 31);
    case 2:
      return std::uint64_t{random()} << (random() % 33);
    case 3:
      return static_cast<double>(random()) / static_cast<double>(random() % 1000);
    case 4:
      return random() % 2 == 0;
    case 5:
      return nullptr;
    case 6: {
      json array = json::array();
      for (unsigned i = random() % 4; i > 0; --i) array.push_back(random_value(random, depth + 1));
      return array;
    }
    default: {
      json object = json::object();
      for (unsigned i = random() % 4; i > 0; --i) object[text()] = random_value(random, depth + 1);
      return object;
    }
  }
}

TEST(JsonText, RandomValuesAndTheirMutilatedTexts) {
  std::mt19937 random(4711);  // NOLINT: the same each time
  for (int i = 0; i < 20'000; ++i) {
    const json value = random_value(random, 0);
    std::string text = by_library(value);
    EXPECT_EQ(dump(value), text);
    expect_as_library(text);
    text[random() % text.size()] = "\"\\{}[],:0-.e \x80"[random() % 15];
    expect_as_library(text);
  }
}

}  // namespace
}  // namespace seraphim::jsontext
