#include "rules.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <sstream>

namespace seraphim::tidy {
namespace {

constexpr std::size_t kMostLines = 400;

struct Line {
  std::size_t number;
  std::string code;     ///< what is left without comments and without the contents of string literals
  std::string include;  ///< what an #include line names, without its quotes or brackets
};

bool is_header(std::string_view path) {
  return path.ends_with(".h");
}

/// "rollout" for controller/rollout/decide.h; empty for what lies in no room.
std::string room_of(std::string_view path) {
  constexpr std::string_view kRoot = "controller/";
  if (!path.starts_with(kRoot)) return {};
  path.remove_prefix(kRoot.size());
  const auto slash = path.find('/');
  return slash == std::string_view::npos ? std::string{} : std::string(path.substr(0, slash));
}

bool in_pure_room(std::string_view path) {
  static const std::set<std::string> kPure{"api", "rollout", "analysis", "replay", "report"};
  return kPure.contains(room_of(path));
}

/// The name of an #include line, empty for any other.
std::string included(std::string_view line) {
  const auto start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos || !line.substr(start).starts_with("#include")) return {};
  const auto open = line.find_first_of("\"<", start);
  if (open == std::string_view::npos) return {};
  const auto close = line.find_first_of("\">", open + 1);
  return close == std::string_view::npos ? std::string{}
                                         : std::string(line.substr(open + 1, close - open - 1));
}

/// Drops comments and the contents of string literals, so that a word in a text is not taken for a call. Raw
/// string literals over several lines are not understood; what is banned is rare in them.
class Stripper {
 public:
  std::string strip(std::string_view line) {
    std::string code;
    bool in_text = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const auto rest = line.substr(i);
      if (in_comment_) {
        in_comment_ = !rest.starts_with("*/");
        if (!in_comment_) ++i;
      } else if (in_text) {
        if (line[i] == '\\') ++i;
        in_text = rest.front() != '"';
      } else if (rest.starts_with("//")) {
        break;
      } else if (rest.starts_with("/*")) {
        in_comment_ = true;
        ++i;
      } else {
        in_text = rest.front() == '"' && !rest.starts_with("\"'");  // '"' is a character, not a text
        code += line[i];
      }
    }
    return code;
  }

 private:
  bool in_comment_ = false;
};

std::vector<Line> lines_of(const SourceFile& file) {
  std::vector<Line> lines;
  std::istringstream in(file.text);
  Stripper stripper;
  for (std::string line; std::getline(in, line);)
    lines.push_back({lines.size() + 1, stripper.strip(line), included(line)});
  return lines;
}

std::string at(const SourceFile& file, std::size_t line, const std::string& sentence) {
  return file.path + ":" + std::to_string(line) + ": " + sentence;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// `needle` in `code`, not as the end of a longer name: "rand(" is not in "operand(". A needle that begins
/// with an underscore is meant as such an end.
bool has_call(std::string_view code, std::string_view needle) {
  for (auto found = code.find(needle); found != std::string_view::npos;
       found = code.find(needle, found + 1)) {
    if (found == 0 || needle.front() == '_' || !is_word(needle.front()) || !is_word(code[found - 1]))
      return true;
  }
  return false;
}

/// One sentence for each line that has one of the `calls`.
Breaches without_calls(const SourceFile& file, const std::vector<std::string>& calls,
                       const std::string& why) {
  Breaches breaches;
  for (const auto& line : lines_of(file)) {
    for (const auto& call : calls) {
      if (has_call(line.code, call)) breaches.push_back(at(file, line.number, "'" + call + "' " + why));
    }
  }
  return breaches;
}

Breaches without_includes(const SourceFile& file, const std::vector<std::string>& prefixes,
                          const std::string& why) {
  Breaches breaches;
  for (const auto& line : lines_of(file)) {
    const auto banned = [&](const std::string& prefix) {
      return prefix.ends_with('/') ? line.include.starts_with(prefix) : line.include == prefix;
    };
    if (std::any_of(prefixes.begin(), prefixes.end(), banned))
      breaches.push_back(at(file, line.number, "<" + line.include + "> " + why));
  }
  return breaches;
}

void append(Breaches& all, const Breaches& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

Breaches include_direction(const SourceFile& file) {
  using Rooms = std::set<std::string>;
  static const std::map<std::string, Rooms> kMaySee{
      {"api", {}},
      {"analysis", {"api"}},
      {"rollout", {"api", "analysis"}},
      {"replay", {"api", "analysis", "rollout"}},
      {"report", {"api", "analysis"}},
      {"kubernetes", {}},
      {"prometheus", {"api", "analysis", "kubernetes"}},
      {"workload",
       {"api", "kubernetes", "rollout"}},  // adapters report in the words of rollout's Observation
      {"traffic", {"api", "kubernetes", "rollout"}},
      {"operator",
       {"api", "analysis", "rollout", "report", "kubernetes", "prometheus", "workload", "traffic"}},
      {"cli",
       {"api", "analysis", "rollout", "replay", "report", "kubernetes", "prometheus", "workload", "traffic"}},
  };
  const auto room = room_of(file.path);
  if (room.empty()) return {};
  const auto known = kMaySee.find(room);
  if (known == kMaySee.end())
    return {at(file, 1, "the room '" + room + "' is not in the table of tests/tidy/rules.cpp")};
  Breaches breaches;
  for (const auto& line : lines_of(file)) {
    const auto other = room_of("controller/" + line.include);
    if (kMaySee.contains(other) && other != room && !known->second.contains(other))
      breaches.push_back(at(file, line.number, room + " may not see " + other));
  }
  return breaches;
}

Breaches purity(const SourceFile& file) {
  if (!in_pure_room(file.path)) return {};
  const std::string why = "has no place in a pure room: take the value as an argument";
  auto breaches =
      without_includes(file,
                       {"thread", "mutex", "shared_mutex", "condition_variable", "future", "atomic",
                        "semaphore", "stop_token", "random", "iostream", "fstream", "filesystem", "unistd.h",
                        "sys/", "netinet/", "cpprest/", "spdlog/", "boost/"},
                       why);
  append(breaches, without_calls(file,
                                 {"_clock::now(", "time(nullptr)", "time(NULL)", "rand(", "getenv(", "fopen(",
                                  "printf(", "std::cout", "std::cerr"},
                                 why));
  return breaches;
}

Breaches no_sleep(const SourceFile& file) {
  if (!file.path.starts_with("controller/") && !file.path.starts_with("tests/unit/")) return {};
  return without_calls(file, {"sleep_for(", "sleep_until(", "usleep(", "nanosleep(", "sleep("},
                       "waits for time and not for what happens: wait on a condition, with a deadline");
}

Breaches injected_time(const SourceFile& file) {
  // The clock itself, and the transport: what is under it (sockets, TLS) lives by real time anyway, and the
  // simulator has a transport of its own.
  static const std::set<std::string> kOutside{
      "controller/kubernetes/system_clock.cpp",
      "controller/kubernetes/transport_cpprest.cpp",
  };
  if (room_of(file.path) != "kubernetes" || kOutside.contains(file.path)) return {};
  return without_calls(file, {"_clock::now(", "random_device", "rand("},
                       "belongs to the injected clock or random source, so that the simulator can step it");
}

Breaches light_headers(const SourceFile& file) {
  if (!file.path.starts_with("controller/") || !is_header(file.path)) return {};
  // What only one or two sources of the same room include costs nobody else anything.
  const std::string_view leading = std::string_view(file.text).substr(0, file.text.find("#pragma once"));
  if (leading.find("Internal to") != std::string_view::npos) return {};
  return without_includes(file,
                          {"nlohmann/json.hpp", "spdlog/", "cpprest/", "pplx/", "yaml-cpp/", "httplib.h"},
                          "makes every file that sees this header slow: include it in the .cpp");
}

Breaches header_form(const SourceFile& file) {
  if (!is_header(file.path)) return {};
  Breaches breaches;
  if (!file.text.starts_with("//"))
    breaches.push_back(at(file, 1, "a header begins with a comment that says what it is for"));
  if (file.text.find("\n#pragma once\n") == std::string::npos)
    breaches.push_back(at(file, 1, "'#pragma once' is missing"));
  return breaches;
}

Breaches length(const SourceFile& file) {
  const auto lines = static_cast<std::size_t>(std::count(file.text.begin(), file.text.end(), '\n'));
  if (lines <= kMostLines) return {};
  return {at(file, lines,
             std::to_string(lines) + " lines, and " + std::to_string(kMostLines) +
                 " are the most: split it by concept")};
}

Breaches nothing_left_to_do(const SourceFile& file) {
  // Put together, or this file would be in breach of its own rule.
  static const std::vector<std::string> kWords{std::string("TO") + "DO", std::string("FIX") + "ME"};
  Breaches breaches;
  std::istringstream in(file.text);
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    for (const auto& word : kWords) {
      if (has_call(line, word)) breaches.push_back(at(file, number, word + ": do it or make it an issue"));
    }
  }
  return breaches;
}

}  // namespace seraphim::tidy
