// An EventNote as an Event of events.k8s.io/v1. What the API server would refuse is made acceptable here (its
// limits: kubernetes/pkg/apis/core/validation/events.go).
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "kubernetes/event_note.h"
#include "kubernetes/resource_type.h"

namespace seraphim::kubernetes {

const ResourceType& event_type();

/// At most `bytes` of it, cut between code points; bytes that are no UTF-8 become '?'.
std::string clean_utf8(std::string_view text, std::size_t bytes);

struct EventReporter {
  std::string controller{}, instance{};
};

/// The note with every text within the API server's limits; an empty action becomes the reason, which is
/// required too.
EventNote acceptable(EventNote note);

/// An empty instance becomes the controller, for the same reason.
EventReporter acceptable(EventReporter reporter);

/// Where the Event is: in the object's namespace ("default" for an object without one), under a name that
/// follows from the object, reason, action and discriminator, and from nothing else.
ObjectKey event_key(const EventNote& note);

/// A new Event. Seen once, it has no series.
nlohmann::json encode_event(const EventNote& note, const ObjectKey& key, const std::string& event_time,
                            const EventSeries& series, const EventReporter& reporter);
/// A merge patch of the series, which is all that may be changed, guarded by the resource version.
nlohmann::json series_patch(const EventSeries& series, const std::string& resource_version);
/// Of an Event without a series: once, at its eventTime.
EventSeries decode_series(const nlohmann::json& event);

}  // namespace seraphim::kubernetes
