// Comparing a stored string with what a client believes it to be: by its bytes, or by its digest, which spares a client
// the sending of a large value.
#pragma once

#include <array>
#include <string_view>

#include "cmd/string_options.h"
#include "store/entry.h"

namespace torc::cmd {

inline constexpr size_t digest_digits = 16;
using Digest = std::array<char, digest_digits>;

// XXH3's 64 bits in lower-case hexadecimal digits.
[[nodiscard]] Digest string_digest(std::string_view bytes) noexcept;
[[nodiscard]] Digest string_digest(const store::Entry& entry) noexcept;

// Whether `given` can be a digest: 16 characters. If not, replies the error and returns false.
bool check_digest(session::Context& context, std::string_view given);
// Whether the entry's string is as the condition (one of those that compare) demands. A digest's digits may be in any
// case; what has 16 characters that are no such digits equals no digest.
[[nodiscard]] bool condition_holds(const store::Entry& entry, Condition condition, std::string_view given) noexcept;

}  // namespace torc::cmd
