// Certificates made in the process, so that no test depends on files, clocks of others, or the openssl
// program.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

namespace seraphim::kubernetes::testing {

struct CertificateAndKey {
  std::string certificate_pem, private_key_pem;
};

/// A certificate authority. Certificates are valid from an hour ago for a day.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);

  const std::string& certificate_pem() const { return pem_; }
  /// `names` in the notation of OpenSSL: "IP:127.0.0.1", "DNS:localhost".
  CertificateAndKey issue(const std::string& common_name, const std::vector<std::string>& names) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
  std::string pem_;
};

}  // namespace seraphim::kubernetes::testing
