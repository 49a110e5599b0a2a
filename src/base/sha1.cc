// SHA-1 as FIPS 180-4 writes it. DEBUG DIGEST needs it to agree with redis-server; nothing secret rests on it.
#include "base/sha1.h"

#include <openssl/evp.h>

#include "base/assert.h"

namespace torc::base {

Sha1 sha1(std::string_view bytes) noexcept {
  Sha1 digest;
  unsigned size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha1(), nullptr);
  TORC_ASSERT(done == 1 && size == digest.size());
  return digest;
}

std::string hex(const Sha1& digest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace torc::base
