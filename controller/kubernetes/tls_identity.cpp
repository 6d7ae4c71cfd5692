#include "kubernetes/tls_identity.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>
#include <vector>

namespace seraphim::kubernetes {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Store = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;

Bio reader(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::vector<Certificate> read_certificates(const std::string& pem) {
  std::vector<Certificate> certificates;
  const Bio bio = reader(pem);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  ERR_clear_error();  // the end of the text is reported as an error
  return certificates;
}

/// An encrypted key must fail instead of asking on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Key read_key(const std::string& pem) {
  Key key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return key;
}

tl::unexpected<std::string> fail(std::string reason) {
  return tl::unexpected<std::string>(std::move(reason));
}

}  // namespace

struct TlsIdentity::Parts {
  Store trusted;  // null: the system store
  Certificate certificate;
  std::vector<Certificate> chain;
  Key key;
};

tl::expected<TlsIdentity, std::string> TlsIdentity::parse(const TlsMaterial& material) {
  auto parts = std::make_shared<Parts>();
  if (!material.ca_pem.empty()) {
    const auto trusted = read_certificates(material.ca_pem);
    if (trusted.empty()) return fail("the ca holds no PEM certificate");
    parts->trusted.reset(X509_STORE_new());
    for (const auto& certificate : trusted) X509_STORE_add_cert(parts->trusted.get(), certificate.get());
    X509_STORE_set_flags(parts->trusted.get(),
                         X509_V_FLAG_PARTIAL_CHAIN);  // an intermediate may be the root of trust
  }
  if (material.certificate_pem.empty() != material.private_key_pem.empty()) {
    return fail("a client certificate and its private key go together; one of them is missing");
  }
  if (!material.certificate_pem.empty()) {
    parts->chain = read_certificates(material.certificate_pem);
    if (parts->chain.empty()) return fail("the client certificate holds no PEM certificate");
    parts->certificate = std::move(parts->chain.front());
    parts->chain.erase(parts->chain.begin());
    parts->key = read_key(material.private_key_pem);
    if (!parts->key) return fail("the private key is not an unencrypted PEM key");
    if (X509_check_private_key(parts->certificate.get(), parts->key.get()) != 1) {
      ERR_clear_error();
      return fail("the private key does not belong to the client certificate");
    }
  }
  return TlsIdentity(std::move(parts));
}

void TlsIdentity::install(ssl_ctx_st* context) const noexcept {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (parts_->trusted) SSL_CTX_set1_cert_store(context, parts_->trusted.get());
  if (!parts_->certificate) return;
  bool ok = SSL_CTX_use_certificate(context, parts_->certificate.get()) == 1 &&
            SSL_CTX_use_PrivateKey(context, parts_->key.get()) == 1;
  for (const auto& certificate : parts_->chain)
    ok = ok && SSL_CTX_add1_chain_cert(context, certificate.get()) == 1;
  if (!ok) SSL_CTX_set_cert_store(context, X509_STORE_new());
}

}  // namespace seraphim::kubernetes
