// Compare-and-set: a condition is evaluated against the value as bytes, or against its digest, before anything changes.
#include "cmd/string_compare.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "session/context.h"
#include "session/registry.h"

namespace torc::cmd {

Digest string_digest(std::string_view bytes) noexcept {
  uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
  Digest digest;
  for (size_t i = digest_digits; i-- > 0; hash >>= 4) digest[i] = "0123456789abcdef"[hash & 15];
  return digest;
}

Digest string_digest(const store::Entry& entry) noexcept {
  store::IntegerScratch scratch;
  return string_digest(entry.string(scratch));
}

bool check_digest(session::Context& context, std::string_view given) {
  return given.size() == digest_digits || context.fail("ERR must be exactly 16 hexadecimal characters");
}

bool condition_holds(const store::Entry& entry, Condition condition, std::string_view given) noexcept {
  if (condition == Condition::equal || condition == Condition::not_equal) {
    store::IntegerScratch scratch;
    return (entry.string(scratch) == given) == (condition == Condition::equal);
  }
  const Digest digest = string_digest(entry);
  const bool equal = session::equals_lower(given, {digest.data(), digest.size()});
  return equal == (condition == Condition::digest_equal);
}

}  // namespace torc::cmd
