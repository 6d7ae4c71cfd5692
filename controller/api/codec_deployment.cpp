// The custom resource as a whole: metadata, spec and status.
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/codec_parts.h"
#include "api/lenient.h"
#include "api/names.h"
#include "api/quote.h"

namespace seraphim::api {
namespace {

using nlohmann::json;

/// Leaves room for "-candidate" in names of Services and for the hash in names of revisions.
constexpr std::size_t kLongestName = 40;

std::map<std::string, std::string> string_map(const json& value) {
  std::map<std::string, std::string> result;
  if (!value.is_object()) return result;
  for (const auto& [name, text] : value.items()) {
    if (text.is_string()) result[name] = text.get<std::string>();
  }
  return result;
}

void read_metadata(SeraphimDeployment& deployment, const json& metadata, Problems& problems) {
  deployment.name = lenient::text(metadata, "name");
  deployment.namespace_ = lenient::text(metadata, "namespace");
  deployment.uid = lenient::text(metadata, "uid");
  deployment.resource_version = lenient::text(metadata, "resourceVersion");
  deployment.generation = lenient::integer(metadata, "generation");
  deployment.deleting = !lenient::member(metadata, "deletionTimestamp").is_null();
  deployment.annotations = string_map(lenient::member(metadata, "annotations"));
  if (!is_service_name(deployment.name) || deployment.name.size() > kLongestName) {
    problems.add("metadata.name", quote(deployment.name) + " cannot name Services; write at most " +
                                      std::to_string(kLongestName) +
                                      " lower-case letters, digits and '-', beginning with a letter");
  }
}

}  // namespace

SeraphimDeployment decode_deployment(const json& object) {
  SeraphimDeployment deployment;
  Problems problems;
  read_metadata(deployment, lenient::member(object, "metadata"), problems);
  const json& spec = lenient::member(object, "spec");
  if (spec.is_null()) {
    problems.add("spec", "missing; write workload, traffic and strategy");
  } else {
    deployment.spec = read_spec(spec, "spec", problems);
  }
  deployment.status = decode_status(lenient::member(object, "status"));
  deployment.problems = std::move(problems).take();
  return deployment;
}

}  // namespace seraphim::api
