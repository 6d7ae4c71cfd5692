// Waiting until the operator's status says what was asked for, woken by a watch.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>

#include "api/seraphim_deployment.h"
#include "cli/cluster.h"

namespace seraphim::cli {

/// How things stand with what is waited for. The texts are for people.
struct Waits {
  std::string text;
};
struct Holds {
  std::string text;
};
/// It will not come any more.
struct Fails {
  std::string text;
  int code = kBad;  ///< exit code
};
using Standing = std::variant<Waits, Holds, Fails>;
using Judge = std::function<Standing(const api::SeraphimDeployment&)>;
using ObjectJudge = std::function<Standing(const nlohmann::json&)>;

struct Patience {
  api::Duration timeout{std::chrono::minutes(5)};
  std::function<void(const std::string&)> on_news{};  ///< each new text of Waits
};

/// The last standing: Waits when the time is over. The error is a sentence: the object is gone or cannot be
/// read.
tl::expected<Standing, std::string> await(const Cluster& cluster, const std::string& name, const Judge& judge,
                                          const Patience& patience, const Surroundings& surroundings);

/// The same for an object of any kind, in the cluster's namespace.
tl::expected<Standing, std::string> await_object(const Cluster& cluster, const kubernetes::ResourceType& type,
                                                 const std::string& name, const ObjectJudge& judge,
                                                 const Patience& patience, const Surroundings& surroundings);

}  // namespace seraphim::cli
