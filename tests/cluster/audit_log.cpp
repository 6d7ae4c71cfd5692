#include "audit_log.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <map>
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

/// Where tests have taken the rights away, and when.
struct EndedRights {
  std::mutex mutex;
  std::map<std::string, std::chrono::system_clock::time_point> since;
  std::vector<std::pair<std::chrono::system_clock::time_point, std::chrono::system_clock::time_point>> starts;
};
EndedRights& ended_rights() {
  static EndedRights instance;
  return instance;
}

bool has_rights(const json& entry) {
  const std::lock_guard lock(ended_rights().mutex);
  const auto at = parse(entry.value("requestReceivedTimestamp", ""));
  for (const auto& [from, to] : ended_rights().starts) {
    if (at >= from && at <= to) return false;
  }
  const auto end = ended_rights().since.find(namespace_of(entry));
  return end == ended_rights().since.end() || at < end->second;
}

}  // namespace

AuditLog::AuditLog() : begin_(std::filesystem::file_size(environment().audit_log)) {}

void rights_end_in(const std::string& namespace_) {
  const std::lock_guard lock(ended_rights().mutex);
  ended_rights().since.emplace(namespace_, std::chrono::system_clock::now());
}

void no_roles_between(std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to) {
  const std::lock_guard lock(ended_rights().mutex);
  ended_rights().starts.emplace_back(from, to);
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
