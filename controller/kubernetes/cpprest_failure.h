// What an error of cpprestsdk 2.10.18 means. Its codes lose their category and its texts mislead
// (docs/runtime.md 1d), so the operation is read from the start of the text and the cause from the code.
// Pure, and pinned by tests.
#pragma once

#include <string>
#include <string_view>

#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

struct CpprestFailure {
  TransportError error;
  bool before_sending;  ///< failed while resolving, connecting or shaking hands
  std::string detail;   ///< the text, and OpenSSL's reason when there is one
};

/// `code` and `text` of a web::http::http_exception.
CpprestFailure classify_cpprest_failure(long code, std::string_view text);

}  // namespace seraphim::kubernetes
