// What the operator relies on in the API server's behaviour. The suite runs on the simulator's in-memory
// store and on a real API server, so that what is proven in the one world holds in the other
// (docs/testing.md).
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kubernetes/api_client.h"
#include "kubernetes/transport.h"

namespace seraphim::contract {

/// A place where objects are kept.
class ApiUnderTest {
 public:
  virtual ~ApiUnderTest() = default;
  virtual kubernetes::Transport& transport() = 0;
  /// A namespace without objects.
  virtual std::string namespace_() const = 0;
  /// From now on the version 1 is too old to watch from.
  virtual void forget_the_past() = 0;
};

struct ApiMaker {
  std::string name;
  std::function<std::unique_ptr<ApiUnderTest>()> make;
};

inline void PrintTo(const ApiMaker& maker, std::ostream* out) {
  *out << maker.name;
}

/// One line of a watch.
struct Seen {
  std::string type, name;
  std::uint64_t version = 0;
  nlohmann::json object;
};

class StoreContract : public ::testing::TestWithParam<ApiMaker> {
 protected:
  void SetUp() override;

  /// A SeraphimDeployment, the kind with a status of its own.
  static const kubernetes::ResourceType& type();
  kubernetes::ObjectKey key(const std::string& name = "web") const { return {api_->namespace_(), name}; }
  nlohmann::json object(const std::string& name = "web") const;
  /// Creates it; the object as the server answered.
  nlohmann::json create(const std::string& name = "web");
  nlohmann::json create_object(const nlohmann::json& object);
  nlohmann::json read(const std::string& name = "web");
  nlohmann::json patch(const nlohmann::json& changes, const std::string& name = "web",
                       const std::string& subresource = {});
  void remove(const std::string& name = "web");
  bool exists(const std::string& name = "web");

  /// All that a watch with this query says, until an event about the object named `until`.
  std::vector<Seen> watch(const std::string& query, const std::string& until);

  std::unique_ptr<ApiUnderTest> api_;
  std::unique_ptr<kubernetes::ApiClient> client_;
};

std::string version_of(const nlohmann::json& object);
std::int64_t generation_of(const nlohmann::json& object);
/// A change of a label; null takes it away.
nlohmann::json colour(const nlohmann::json& value);
/// "ADDED web", in order.
std::vector<std::string> texts(const std::vector<Seen>& events);

}  // namespace seraphim::contract
