#include "cli/helm.h"

namespace seraphim::cli {

std::string helm_advice(const std::map<std::string, std::string>& annotations,
                        const std::string& namespace_) {
  const auto release = annotations.find("meta.helm.sh/release-name");
  if (release == annotations.end() || release->second.empty()) return "";
  const auto home = annotations.find("meta.helm.sh/release-namespace");
  const std::string where = " -n " + (home == annotations.end() ? namespace_ : home->second);
  return "it is kept by the Helm release " + release->second +
         ", whose next upgrade brings back what the release says; choose a revision that was good from: helm "
         "history " +
         release->second + where + " and write: helm rollback " + release->second + " REVISION" + where;
}

}  // namespace seraphim::cli
