// SHA-1 (libcrypto's), where a scheme prescribes it: DEBUG DIGEST, INFO's build id. Not for secrets.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace torc::base {

using Sha1 = std::array<uint8_t, 20>;

[[nodiscard]] Sha1 sha1(std::string_view bytes) noexcept;
[[nodiscard]] inline Sha1 sha1(const Sha1& bytes) noexcept {
  return sha1(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}
// 40 digits, lower case.
[[nodiscard]] std::string hex(const Sha1& digest);

}  // namespace torc::base
