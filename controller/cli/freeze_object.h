// A SeraphimFreeze as a person asks for it on the command line. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "api/time.h"
#include "kubernetes/resource_type.h"

namespace seraphim::cli {

struct FreezeWish {
  std::string name = "freeze", namespace_{};
  std::string reason{}, who{};
  std::string from{}, until{}, lasts{};  ///< RFC 3339, RFC 3339, Go-style; empty: not given
  std::vector<std::string> labels{};     ///< "key=value": only deployments that have them
};

const kubernetes::ResourceType& freeze_type();

/// The error says which word cannot be used and what to write instead.
tl::expected<nlohmann::json, std::string> freeze_object(const FreezeWish& wish, api::Time now);

/// "frozen by ada until 2026-11-24T18:00:00Z: the database moves"
std::string freeze_sentence(const nlohmann::json& freeze);

}  // namespace seraphim::cli
