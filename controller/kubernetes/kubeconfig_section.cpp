#include "kubernetes/kubeconfig_section.h"

namespace seraphim::kubernetes {

std::optional<YAML::Node> Section::find(const std::string& key) const {
  const YAML::Node& constant = node;  // the non-const operator[] would insert
  if (!constant.IsMap()) throw Refused(where + " is not a mapping; write keys and values below it");
  const YAML::Node value = constant[key];
  if (!value.IsDefined() || value.IsNull()) return std::nullopt;
  return value;
}

std::string Section::text(const std::string& key) const {
  const auto value = find(key);
  if (!value) return {};
  if (!value->IsScalar()) throw Refused(where + "." + key + " is not a text; write one value on one line");
  return value->Scalar();
}

void Section::refuse(const std::string& key, const std::string& advice) const {
  if (find(key)) throw Refused(where + "." + key + ": " + advice);
}

bool Section::is_true(const std::string& key) const {
  const std::string value = text(key);
  return value == "true" || value == "True" || value == "TRUE";
}

const std::string& other_credentials() {
  static const std::string advice =
      "; write a token, tokenFile or client certificate, for example of a ServiceAccount "
      "('kubectl create token')";
  return advice;
}

}  // namespace seraphim::kubernetes
