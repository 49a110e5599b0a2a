// What OBJECT and DEBUG OBJECT tell of a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "store/entry.h"
#include "store/hash_object.h"

namespace torc::cmd {

// Redis keeps the numbers below 10,000 once for all keys and gives them this count; any other value has one owner.
inline constexpr int64_t shared_integers = 10'000;
inline constexpr int64_t shared_reference_count = std::numeric_limits<int32_t>::max();

// With a policy that looks at accesses each value needs its own access field there, so none is shared.
[[nodiscard]] inline int64_t reference_count(const store::Entry& entry, bool shares_integers) noexcept {
  const bool is_integer = entry.type() == store::Type::string && entry.is_integer();
  const bool is_small = is_integer && entry.integer() >= 0 && entry.integer() < shared_integers;
  return shares_integers && is_small ? shared_reference_count : 1;
}

// Bytes that the value takes in an RDB file; compressed: texts are, where that pays (rdbcompression).
[[nodiscard]] size_t serialized_bytes(const store::Entry& entry, bool compressed);

// What OBJECT ENCODING says: a hash that is an object for the deadlines of its fields only has a name of its own.
[[nodiscard]] inline std::string_view encoding_name_of(const store::Entry& entry) noexcept {
  const bool is_hash_object = entry.type() == store::Type::hash && entry.is_object();
  if (is_hash_object && static_cast<const store::HashObject*>(entry.object())->is_small()) return "listpackex";
  return store::encoding_name(entry.encoding());
}

}  // namespace torc::cmd
