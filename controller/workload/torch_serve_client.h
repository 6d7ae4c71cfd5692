// One TorchServe's management API, as observed of version 0.11.0.
//
//   call          status  type                         outcome
//   any           none    no answer                    unavailable (cancelled when stop was requested)
//   versions      200                                  the versions of the model
//                 404     ModelNotFoundException       none
//                 404     ResourceNotFoundException    invalid: this is no management API
//   default       200                                  the version that a request without one gets
//                 404     ModelNotFoundException       empty
//   add           200                                  registered, its workers are READY
//                 202                                  registered, workers on their way: ask for versions
//                 400     BadRequestException          invalid
//                 400     DownloadArchiveException     invalid: the server cannot load the archive
//                 404     ModelNotFoundException       not_found: no such archive in the model store
//                 409     ConflictStatusException      already_exists: ask for versions what it is
//                 500     InternalServerException      invalid: the workers did not start; the version
//                                                      stays registered, with 0 workers
//   scale         200     (waiting)                    that many workers are READY
//                 202     (not waiting)                noted: ask for versions
//                 404     Model(Version)NotFound...    not_found
//                 500     InternalServerException      invalid: the workers did not start
//   set_default   200, 404 as for scale
//   remove        200                                  unregistered
//                 404     Model(Version)NotFound...    success: it is gone
//                 403     InvalidModelVersionException conflict: another version must be the default first
//   any           401, 403                             forbidden: no token, or not the right one
//                 400     InvalidKeyException          the same, of 0.12.0
//                 503 and other 5xx                    unavailable
//                 anything else                        invalid
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "kubernetes/api_error.h"
#include "kubernetes/transport.h"

namespace seraphim::workload {

/// One registered version of a model, as TorchServe reports it.
struct ModelVersion {
  struct Worker {
    std::string id, status;  ///< status: READY, UNLOADING, ...
    bool operator==(const Worker&) const = default;
  };
  std::string version;
  std::string url;  ///< the archive, as it was given when it was registered
  std::int32_t min_workers = 0;
  std::vector<Worker> workers{};
  std::int32_t ready() const;  ///< workers that are READY
  bool operator==(const ModelVersion&) const = default;
};

/// Keeps nothing between calls; as thread-safe as the transport. Every error is one sentence for people, with
/// the server, what was tried and what to do.
class TorchServeClient {
 public:
  /// How long a call may take, and what ends it before.
  struct Bounds {
    std::chrono::milliseconds timeout{5000};
    std::stop_token stop{};
  };
  enum class Wait { for_workers, not_at_all };

  /// `address` is for messages; the transport knows where it goes. So is `token`: where the one that the
  /// transport sends is kept, empty when it sends none.
  TorchServeClient(kubernetes::Transport& transport, std::string address, std::string token = {})
      : transport_(transport), address_(std::move(address)), token_(std::move(token)) {}

  kubernetes::Result<std::vector<ModelVersion>> versions(const std::string& model, const Bounds& bounds);
  /// Of a model without a version: empty.
  kubernetes::Result<std::string> default_version(const std::string& model, const Bounds& bounds);
  /// Registers an archive under the model's name, whatever name is in it; the version is the archive's own.
  kubernetes::Result<void> add(const std::string& model, const std::string& url, std::int32_t workers,
                               Wait wait, const Bounds& bounds);
  kubernetes::Result<void> scale(const std::string& model, const std::string& version, std::int32_t workers,
                                 Wait wait, const Bounds& bounds);
  kubernetes::Result<void> set_default(const std::string& model, const std::string& version,
                                       const Bounds& bounds);
  kubernetes::Result<void> remove(const std::string& model, const std::string& version, const Bounds& bounds);

 private:
  kubernetes::Response send(const char* method, std::string target, const Bounds& bounds);
  /// `what`: "register text-v2.mar as text".
  kubernetes::ApiError failure(const kubernetes::Response& response, const std::string& what) const;
  kubernetes::ApiError refusal(const kubernetes::Response& response, const std::string& what) const;

  kubernetes::Transport& transport_;
  std::string address_, token_;
};

}  // namespace seraphim::workload
