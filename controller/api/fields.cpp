#include "api/fields.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/quote.h"

namespace seraphim::api {
namespace {

/// Whole numbers only: 5.0 and 5e0 are refused like 5.5.
std::optional<std::int64_t> as_integer(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return std::nullopt;
}

const std::string* as_text(const nlohmann::json& value) {
  return value.is_string() ? &value.get_ref<const std::string&>() : nullptr;
}

std::string field_list(const std::vector<std::string_view>& known) {
  std::string list;
  for (const auto name : known) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

/// For text rules too: how much of what a person wrote may be kept.
constexpr std::size_t kLongestText = 2048;

}  // namespace

void Problems::add(const std::string& path, const std::string& sentence) {
  ++count_;
  if (sentences_.size() < kMost) sentences_.push_back(path + ": " + sentence);
}

std::vector<std::string> Problems::take() && {
  return std::move(sentences_);
}

std::string describe(const nlohmann::json& value) {
  if (const std::string* text = as_text(value)) return quote(*text);
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_binary() || value.is_discarded()) return "not JSON";
  return value.dump();
}

bool is_absent(const nlohmann::json* value) {
  return value == nullptr || value->is_null();
}

Fields::Fields(const nlohmann::json& value, std::string path, std::vector<std::string_view> known,
               Problems& problems)
    : path_(std::move(path)), problems_(problems) {
  const std::string list = field_list(known);
  if (!value.is_object()) {
    problems.add(path_, describe(value) + " stands where an object should; write " +
                            (list.empty() ? "{}" : "an object with the fields " + list));
    return;
  }
  object_ = &value;
  for (const auto& [name, ignored] : value.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    problems.add(path_, quote(name) + " is not a field here; " +
                            (list.empty() ? "remove it, there are none" : "write one of " + list));
  }
}

const nlohmann::json* Fields::find(std::string_view name) const {
  if (object_ == nullptr) return nullptr;
  const auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

const nlohmann::json* Fields::require(std::string_view name, std::string_view instead) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr && object_ != nullptr)
    problems_.add(path(name), "missing; write " + std::string(instead));
  return value;
}

std::string Fields::path(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

void Fields::read(std::string_view name, bool& into) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return;
  if (!value->is_boolean()) {
    problems_.add(path(name), describe(*value) + " is neither; write true or false");
    return;
  }
  into = value->get<bool>();
}

void Fields::read(std::string_view name, std::int32_t& into, Range<std::int32_t> range) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return;
  const auto number = as_integer(*value);
  if (!number || *number < range.least || *number > range.most) {
    problems_.add(path(name), describe(*value) + " cannot be used; write a whole number from " +
                                  std::to_string(range.least) + " to " + std::to_string(range.most));
    return;
  }
  into = static_cast<std::int32_t>(*number);
}

void Fields::read(std::string_view name, Duration& into, Range<Duration> range) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return;
  const std::string* text = as_text(*value);
  if (text == nullptr) {
    problems_.add(path(name), describe(*value) + " is not a duration; write a string such as \"1m30s\"");
    return;
  }
  const auto duration = parse_duration(*text);
  if (!duration) {
    problems_.add(path(name), duration.error());
  } else if (*duration < range.least || *duration > range.most) {
    problems_.add(path(name), quote(*text) + " cannot be used; write a duration from " +
                                  format_duration(range.least) + " to " + format_duration(range.most));
  } else {
    into = *duration;
  }
}

void Fields::read(std::string_view name, Percent& into, Range<Percent> range) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return;
  if (const auto percent = read_percent(*value, path(name), range, problems_)) into = *percent;
}

void Fields::read(std::string_view name, std::string& into, TextRule rule, std::string_view instead) const {
  const nlohmann::json* value = find(name);
  if (value == nullptr) return;
  const std::string* text = as_text(*value);
  if (text == nullptr || text->size() > kLongestText || !rule(*text)) {
    problems_.add(path(name), describe(*value) + " cannot be used; write " + std::string(instead));
    return;
  }
  into = *text;
}

std::optional<Percent> read_percent(const nlohmann::json& value, const std::string& path,
                                    Range<Percent> range, Problems& problems) {
  std::optional<Percent> percent;
  if (const std::string* text = as_text(value)) {
    const auto parsed = parse_percent(*text);
    if (!parsed) {
      problems.add(path, parsed.error());
      return std::nullopt;
    }
    percent = *parsed;
  } else if (const auto whole = as_integer(value); whole && *whole >= 0 && *whole <= 100) {
    percent = Percent::whole(static_cast<std::int32_t>(*whole));
  }
  if (!percent || *percent < range.least || *percent > range.most) {
    problems.add(path, describe(value) + " cannot be used; write a percentage from " +
                           format_percent(range.least) + " to " + format_percent(range.most) +
                           ", such as 25 or \"0.5%\"");
    return std::nullopt;
  }
  return percent;
}

}  // namespace seraphim::api
