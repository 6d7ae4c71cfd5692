// Between a reflector and a store: decodes each object once, drops what cannot be decoded and says so.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "kubernetes/reflector.h"
#include "kubernetes/resource_type.h"
#include "kubernetes/store.h"

namespace seraphim::kubernetes {

template <typename T>
class StoreSink final : public ReflectorSink {
 public:
  StoreSink(Store<T>& store, std::function<void(const std::string&)> report)
      : store_(store), report_(std::move(report)) {}

  void stage(const nlohmann::json& object) override {
    if (auto decoded = decode(object)) {
      staged_.insert_or_assign(decoded->meta.key, std::move(*decoded));
    } else {
      keep_known(decode_meta(object));
    }
  }
  void unstage(const nlohmann::json& object) override { staged_.erase(decode_meta(object).key); }
  void commit(const std::string& resource_version) override {
    std::vector<T> objects;
    objects.reserve(staged_.size());
    for (auto& [key, object] : staged_) objects.push_back(std::move(object));
    staged_.clear();
    store_.replace(std::move(objects), resource_version);
  }
  void abandon() override { staged_.clear(); }
  void upsert(const nlohmann::json& object) override {
    if (is_known(object)) return;
    if (auto decoded = decode(object)) store_.upsert(std::move(*decoded));
  }
  void remove(const nlohmann::json& object) override {
    const ObjectMeta meta = decode_meta(object);
    store_.remove(meta.key, meta.resource_version);
  }
  void alive(SteadyTime now) override { store_.note_sign_of_life(now); }

 private:
  auto decode(const nlohmann::json& object) {
    auto decoded = Resource<T>::decode(object);
    if (!decoded)
      report_(Resource<T>::type().kind + " " + to_string(decode_meta(object).key) + ": " + decoded.error());
    return decoded;
  }
  /// Own writes come back: the store has this very version from the answer.
  bool is_known(const nlohmann::json& object) const {
    const ObjectMeta meta = decode_meta(object);
    const auto known = store_.get(meta.key);
    return known && known->meta.uid == meta.uid && known->meta.resource_version == meta.resource_version;
  }
  /// What exists but cannot be read any more is not deleted: the last version that could be read stays.
  void keep_known(const ObjectMeta& meta) {
    const auto known = store_.get(meta.key);
    if (known && known->meta.uid == meta.uid) staged_.insert_or_assign(meta.key, *known);
  }

  Store<T>& store_;
  std::function<void(const std::string&)> report_;
  std::map<ObjectKey, T> staged_;
};

}  // namespace seraphim::kubernetes
