// Strict reading of JSON objects. Internal to api/.
//
//   Fields canary(value, "spec.strategy.canary", {"steps", "bake"}, problems);
//   canary.read("scaleDownDelay", delay, {0s, 1h});   // absent: stays as it is; wrong: one problem
//
// Nothing here throws, whatever the JSON is: what is wrong becomes a sentence in Problems.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/percent.h"
#include "api/time.h"

namespace seraphim::api {

/// "<path>: <what is wrong>; write <what instead>". Keeps the first kMost of them: they end up in one
/// condition.
class Problems {
 public:
  static constexpr std::size_t kMost = 20;

  void add(const std::string& path, const std::string& sentence);
  /// How many there are, those not kept included.
  std::size_t count() const { return count_; }
  std::vector<std::string> take() &&;

 private:
  std::vector<std::string> sentences_;
  std::size_t count_ = 0;
};

template <typename Value>
struct Range {
  Value least, most;
};

/// As a person would name it: "a list", 101, "abc" in quotes.
std::string describe(const nlohmann::json& value);

/// Null and absent are the same to Kubernetes.
bool is_absent(const nlohmann::json* value);

class Fields {
 public:
  /// Complains at once when `value` is no object, and about every field that is not in `known`.
  Fields(const nlohmann::json& value, std::string path, std::vector<std::string_view> known,
         Problems& problems);

  /// Null when the field is absent.
  const nlohmann::json* find(std::string_view name) const;
  /// Complains when it is absent; `instead` says what to write.
  const nlohmann::json* require(std::string_view name, std::string_view instead) const;
  std::string path(std::string_view name) const;
  const std::string& path() const { return path_; }
  Problems& problems() const { return problems_; }

  // What is absent leaves `into` as it is; so does what is wrong, with a problem.
  void read(std::string_view name, bool& into) const;
  void read(std::string_view name, std::int32_t& into, Range<std::int32_t> range) const;
  void read(std::string_view name, Duration& into, Range<Duration> range) const;
  void read(std::string_view name, Percent& into, Range<Percent> range) const;

  using TextRule = bool (*)(std::string_view);
  /// Takes a text that `rule` accepts; `instead` says what to write in place of any other.
  void read(std::string_view name, std::string& into, TextRule rule, std::string_view instead) const;

 private:
  const nlohmann::json* object_ = nullptr;  ///< null when the value is no object
  std::string path_;
  Problems& problems_;
};

/// One percentage: a whole number, or a string such as "0.5%".
std::optional<Percent> read_percent(const nlohmann::json& value, const std::string& path,
                                    Range<Percent> range, Problems& problems);

}  // namespace seraphim::api
