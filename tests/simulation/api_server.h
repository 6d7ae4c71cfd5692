// The API server as HTTP: lists, reads and writes with the checks that the operator relies on, and watches.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kubernetes/transport.h"
#include "simulation/api_store.h"

namespace seraphim::simulation {

kubernetes::Response reply(int http, std::string body);
/// A Status in JSON.
kubernetes::Response refuse(int http, const std::string& reason, const std::string& message = {});

/// What a path names.
struct Target {
  Kind kind = Kind::deployments;
  kubernetes::ObjectKey key{};  ///< without a name: the collection
  std::string subresource{}, query{};

  bool asks(std::string_view parameter) const { return query.find(parameter) != std::string::npos; }
  /// Of "name=value"; empty when absent.
  std::string value_of(std::string_view parameter) const;
};
Target parse_target(const std::string& target);

/// A watch that a client holds. It reads the store's history by position, so that it costs nothing while
/// nothing happens.
class WatchStream {
 public:
  /// The position from which to go on, or the first lines of a streaming list.
  WatchStream(const ApiStore& store, const Target& target);

  /// When the next line happened; nothing while there is none.
  std::optional<SimTime> next_at() const;
  /// Takes the next line; only when next_at() gives something. An ERROR ends the stream.
  std::string take();
  bool over() const { return over_ && first_.empty(); }
  /// Goes on from now, whatever was missed.
  void jump_to_end();
  std::string bookmark() const;
  std::chrono::seconds timeout() const { return timeout_; }

 private:
  bool concerned(const HistoryEntry& entry) const;
  std::string_view event_type(const HistoryEntry& entry) const;
  void skip();

  const ApiStore& store_;
  Kind kind_;
  bool labelled_only_ = false, over_ = false;
  std::chrono::seconds timeout_{300};
  std::vector<std::string> first_;  ///< lines of a streaming list, last one first
  std::uint64_t next_ = 0;          ///< position in the history
};

class ApiServer {
 public:
  explicit ApiServer(ApiStore& store) : store_(store) {}

  /// One request, carried out at once.
  kubernetes::Response handle(const kubernetes::Request& request, const Author& author);

 private:
  kubernetes::Response list(const Target& target) const;
  kubernetes::Response create(const Target& target, nlohmann::json object, const Author& author);
  kubernetes::Response change(const Target& target, const kubernetes::Request& request, const Author& author);
  kubernetes::Response remove(const Target& target, const kubernetes::Request& request, const Author& author);

  ApiStore& store_;
};

}  // namespace seraphim::simulation
