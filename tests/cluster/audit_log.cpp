#include "audit_log.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iomanip>
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

}  // namespace

AuditLog::AuditLog() : begin_(std::filesystem::file_size(environment().audit_log)) {}

void AuditLog::each(const std::string& user, const std::function<void(const json&)>& look) const {
  std::ifstream file(environment().audit_log);
  file.seekg(static_cast<std::streamoff>(begin_));
  for (std::string line; std::getline(file, line);) {
    const json entry = json::parse(line, nullptr, false);
    if (entry.is_object() && entry.at("user").value("username", "") == user) look(entry);
  }
}

std::vector<AuditedWrite> AuditLog::writes(const std::string& user, const std::string& namespace_) const {
  std::vector<AuditedWrite> found;
  each(user, [&](const json& entry) {
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

std::vector<std::string> AuditLog::forbidden(const std::string& user) const {
  std::vector<std::string> found;
  each(user, [&](const json& entry) {
    if (entry.value("responseStatus", json::object()).value("code", 0) == 403)
      found.push_back(entry.value("verb", "") + " " + entry.value("requestURI", ""));
  });
  return found;
}

int AuditLog::requests(const std::string& user, const std::string& namespace_,
                       const std::string& part) const {
  int found = 0;
  each(user, [&](const json& entry) {
    const std::string uri = entry.value("requestURI", "");
    const bool here = uri.find("/namespaces/" + namespace_ + "/") != std::string::npos;
    found += here && uri.find(part) != std::string::npos ? 1 : 0;
  });
  return found;
}

std::vector<std::string> AuditLog::new_writes(const std::string& user, const std::string& namespace_,
                                              const std::vector<std::string>& except) const {
  std::vector<std::string> texts;
  for (const auto& write : writes(user, namespace_)) {
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
