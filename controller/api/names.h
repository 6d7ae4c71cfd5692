// What Kubernetes and Prometheus accept as a name. Internal to api/; the same rules stand as patterns in the
// CRD.
#pragma once

#include <string_view>

namespace seraphim::api {

/// Starts with a letter, then lower-case letters, digits and '-', not '-' at the end: what a Service may be
/// called.
bool is_service_name(std::string_view text);
/// Labels of lower-case letters, digits and '-' with dots between, at most 253 characters: most object names.
bool is_object_name(std::string_view text);
/// An object name, optionally with "*." before it: a hostname of an HTTPRoute.
bool is_hostname(std::string_view text);
/// Letters, digits and '_', no digit first: a label of a Prometheus series.
bool is_series_label(std::string_view text);
/// http:// or https://, a host, and no blank, user, query or fragment.
bool is_http_url(std::string_view text);
/// Letters, digits, '-', '_' and '.', a letter or digit first: a model or a version that can stand in a path
/// of TorchServe, which takes a '/' for the end of it even when it is encoded.
bool is_model_word(std::string_view text);
/// Letters, digits, '-', '_' and '.', at most 253 characters: a key of a Secret.
bool is_secret_key(std::string_view text);
/// Not empty.
bool is_text(std::string_view text);

}  // namespace seraphim::api
