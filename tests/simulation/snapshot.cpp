#include "simulation/snapshot.h"

#include <map>
#include <nlohmann/json.hpp>

#include "kubernetes/json_read.h"

namespace seraphim::simulation {
namespace {

Snapshot present(const ApiStore& store, Kind kind, bool labelled_only) {
  Snapshot snapshot{{}, store.version(), store.dropped(kind) + store.history(kind).size()};
  for (const auto& entry : store.all(kind)) {
    if (!labelled_only || entry.second->labelled) snapshot.objects.push_back(entry.second->text);
  }
  return snapshot;
}

std::string name_in(const std::string& text) {
  return kubernetes::text_or(nlohmann::json::parse(text)["metadata"], "name");
}

}  // namespace

Snapshot snapshot_of(const ApiStore& store, Kind kind, bool labelled_only) {
  const SimTime until = store.read_until();
  const auto& history = store.history(kind);
  const bool up_to_date = history.empty() || history.back().at <= until;
  if (up_to_date || store.dropped(kind) > 0) return present(store, kind, labelled_only);
  std::map<std::string, std::shared_ptr<const std::string>> objects;
  Snapshot snapshot;
  for (const HistoryEntry& entry : history) {
    if (entry.at > until) break;
    ++snapshot.position;
    snapshot.version = entry.version;
    const bool here = entry.type != HistoryEntry::Type::removed && (!labelled_only || entry.labelled);
    if (here) {
      objects[name_in(*entry.text)] = entry.text;
    } else {
      objects.erase(name_in(*entry.text));
    }
  }
  for (auto& [name, text] : objects) snapshot.objects.push_back(std::move(text));
  return snapshot;
}

}  // namespace seraphim::simulation
