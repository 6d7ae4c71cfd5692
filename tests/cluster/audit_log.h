// What the API server's audit log says of the operators.
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

/// What operators did: by the user seraphim-operator on this host, and by the service accounts of the chart's
/// pods.
class AuditLog {
 public:
  /// Only what comes after this moment is looked at.
  AuditLog();

  /// Writes in the namespace.
  std::vector<AuditedWrite> writes(const std::string& namespace_) const;
  /// What the API server forbade (403) in the namespace, as "verb URI".
  std::vector<std::string> forbidden(const std::string& namespace_) const;
  /// How many requests in the namespace have this in their URI.
  int requests(const std::string& namespace_, const std::string& part) const;
  /// The writes as short texts, "patch httproutes web"; `except` names resources that are left out.
  std::vector<std::string> new_writes(const std::string& namespace_,
                                      const std::vector<std::string>& except) const;
  /// Every line about an operator.
  void each_of_an_operator(const std::function<void(const nlohmann::json&)>& look) const;

 private:
  std::uint64_t begin_;
};

/// From now on it does not count what the API server forbids operators in this namespace: their rights were
/// taken away, and they are still ending.
void rights_end_in(const std::string& namespace_);
/// An API server that starts forbids everything until it has read the roles.
void no_roles_between(std::chrono::system_clock::time_point from, std::chrono::system_clock::time_point to);

/// User and system time of a process so far.
double cpu_seconds(pid_t pid);
std::int64_t rss_kib(pid_t pid);

}  // namespace seraphim::cluster
