// Internal to kubeconfig*.cpp: a mapping of the document, and what is wrong with it.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "kubernetes/kubeconfig.h"

namespace seraphim::kubernetes {

/// load_kubeconfig() turns it into the error of its result.
struct Refused : std::runtime_error {
  using runtime_error::runtime_error;
};

/// A mapping of the document and where it is, for messages.
struct Section {
  YAML::Node node;
  std::string where;

  std::optional<YAML::Node> find(const std::string& key) const;

  /// Empty when absent.
  std::string text(const std::string& key) const;
  void refuse(const std::string& key, const std::string& advice) const;
  /// "true", as YAML has it.
  bool is_true(const std::string& key) const;
};

/// What to write in place of what is refused for a user.
const std::string& other_credentials();

/// Of users[].user.exec; null when there is none, or when `beside`, what stands in the file itself,
/// identifies the user already. `beside` says as well who is trusted.
std::shared_ptr<Credentials> helper_credentials(const Section& user, const Section& cluster,
                                                const std::shared_ptr<Credentials>& beside,
                                                const std::filesystem::path& folder,
                                                const HelperRules& helpers);

}  // namespace seraphim::kubernetes
