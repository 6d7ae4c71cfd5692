#include "operator/time_zones.h"

#include <date/tz.h>

#include <stdexcept>

namespace seraphim::op {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

api::ZoneSpan span_at(const date::time_zone& zone, api::Time time) {
  const date::sys_info info = zone.get_info(floor<seconds>(time));
  return {info.begin, info.end, info.offset};
}

}  // namespace

std::optional<api::Zone> find_zone(const std::string& name) {
  if (name == "UTC") return api::utc_zone();
  try {
    const date::time_zone* zone = date::locate_zone(name);
    span_at(*zone, {});  // reads the zone's file
    return [zone](api::Time time) { return span_at(*zone, time); };
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace seraphim::op
