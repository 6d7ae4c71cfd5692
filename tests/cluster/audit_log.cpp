#include "audit_log.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>

#include "child_process.h"
#include "environment.h"

namespace seraphim::cluster {
namespace {

using nlohmann::json;

/// "2026-11-24T16:17:33.123456Z"
std::chrono::system_clock::time_point parse(const std::string& text) {
  std::tm parts{};
  std::istringstream stream(text);
  stream >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
  const auto dot = text.find('.');
  const long micros = dot == std::string::npos ? 0 : std::stol(text.substr(dot + 1, 6));
  return std::chrono::system_clock::from_time_t(timegm(&parts)) + std::chrono::microseconds(micros);
}

bool is_write(const std::string& verb) {
  return verb == "create" || verb == "update" || verb == "patch" || verb == "delete" ||
         verb == "deletecollection";
}

bool is_operator(const std::string& user) {
  return user == "seraphim-operator" ||
         (user.starts_with("system:serviceaccount:") && user.ends_with(":seraphim-seraphim-operator"));
}

bool is_forbidden(const json& entry) {
  return entry.value("responseStatus", json::object()).value("code", 0) == 403;
}

std::string namespace_of(const json& entry) {
  return entry.value("objectRef", json::object()).value("namespace", "");
}

using Clock = std::chrono::system_clock;

/// A time in which nobody has rights, by a test's doing.
struct NoRights {
  std::string namespace_;  ///< empty: in all
  Clock::time_point from, to;
};

class Times {
 public:
  void add(NoRights time) {
    const std::lock_guard lock(mutex_);
    times_.push_back(std::move(time));
  }
  bool hold(const std::string& namespace_, Clock::time_point at) {
    const std::lock_guard lock(mutex_);
    return std::any_of(times_.begin(), times_.end(), [&](const NoRights& time) {
      return (time.namespace_.empty() || time.namespace_ == namespace_) && at >= time.from && at <= time.to;
    });
  }

 private:
  std::mutex mutex_;
  std::vector<NoRights> times_;
};

Times& times_without_rights() {
  static Times instance;
  return instance;
}

bool has_rights(const json& entry) {
  return !times_without_rights().hold(namespace_of(entry),
                                      parse(entry.value("requestReceivedTimestamp", "")));
}

}  // namespace

AuditLog::AuditLog() : begin_(std::filesystem::file_size(environment().audit_log)) {}

void rights_end_in(const std::string& namespace_) {
  times_without_rights().add({namespace_, Clock::now(), Clock::time_point::max()});
}

void no_roles_between(Clock::time_point from, Clock::time_point to) {
  times_without_rights().add({{}, from, to});
}

void AuditLog::each_of_an_operator(const std::function<void(const json&)>& look) const {
  std::ifstream file(environment().audit_log);
  file.seekg(static_cast<std::streamoff>(begin_));
  for (std::string line; std::getline(file, line);) {
    const json entry = json::parse(line, nullptr, false);
    if (!entry.is_object() || !is_operator(entry.at("user").value("username", ""))) continue;
    if (!is_forbidden(entry) || has_rights(entry)) look(entry);
  }
}

std::vector<AuditedWrite> AuditLog::writes(const std::string& namespace_) const {
  std::vector<AuditedWrite> found;
  each_of_an_operator([&](const json& entry) {
    const json object = entry.value("objectRef", json::object());
    if (!is_write(entry.value("verb", "")) || object.value("namespace", "") != namespace_ ||
        entry.value("stage", "") != "ResponseComplete")
      return;
    found.push_back({.received = parse(entry.value("requestReceivedTimestamp", "")),
                     .done = parse(entry.value("stageTimestamp", "")),
                     .verb = entry.value("verb", ""),
                     .resource = object.value("resource", ""),
                     .name = object.value("name", ""),
                     .subresource = object.value("subresource", ""),
                     .user_agent = entry.value("userAgent", ""),
                     .body = entry.value("requestObject", json()).dump(),
                     .code = entry.value("responseStatus", json::object()).value("code", 0)});
  });
  return found;
}

std::vector<std::string> AuditLog::forbidden(const std::string& namespace_) const {
  std::vector<std::string> found;
  each_of_an_operator([&](const json& entry) {
    if (is_forbidden(entry) && namespace_of(entry) == namespace_)
      found.push_back(entry.value("verb", "") + " " + entry.value("requestURI", ""));
  });
  return found;
}

int AuditLog::requests(const std::string& namespace_, const std::string& part) const {
  int found = 0;
  each_of_an_operator([&](const json& entry) {
    const std::string uri = entry.value("requestURI", "");
    const bool here = uri.find("/namespaces/" + namespace_ + "/") != std::string::npos;
    found += here && uri.find(part) != std::string::npos ? 1 : 0;
  });
  return found;
}

std::vector<std::string> AuditLog::new_writes(const std::string& namespace_,
                                              const std::vector<std::string>& except) const {
  std::vector<std::string> texts;
  for (const auto& write : writes(namespace_)) {
    if (std::find(except.begin(), except.end(), write.resource) != except.end()) continue;
    texts.push_back(write.verb + " " + write.resource + " " + write.name + " " + write.subresource + " " +
                    write.body);
  }
  return texts;
}

double cpu_seconds(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream fields(stat.substr(std::min(stat.size(), stat.rfind(')') + 2)));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::int64_t rss_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
  }
  return 0;
}

}  // namespace seraphim::cluster
