// What the API server's audit log says that somebody wrote.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace seraphim::cluster {

struct AuditedWrite {
  std::chrono::system_clock::time_point received, done;
  std::string verb, resource, name, subresource;
  std::string user_agent;
  std::string body;  ///< JSON
  int code = 0;
};

class AuditLog {
 public:
  /// Only what comes after this moment is looked at.
  AuditLog();

  /// Writes by the user in the namespace; `except` names resources that are left out.
  std::vector<AuditedWrite> writes(const std::string& user, const std::string& namespace_) const;
  /// What the API server forbade the user (403), as "verb resource".
  std::vector<std::string> forbidden(const std::string& user) const;
  /// How many requests of the user in the namespace have this in their URI.
  int requests(const std::string& user, const std::string& namespace_, const std::string& part) const;
  /// The same as short texts, "patch httproutes web".
  std::vector<std::string> new_writes(const std::string& user, const std::string& namespace_,
                                      const std::vector<std::string>& except) const;

 private:
  /// Every line about the user.
  void each(const std::string& user, const std::function<void(const nlohmann::json&)>& look) const;

  std::uint64_t begin_;
};

/// User and system time of a process so far.
double cpu_seconds(pid_t pid);
std::int64_t rss_kib(pid_t pid);

}  // namespace seraphim::cluster
