// One member of a large sorted set: its score and its bytes in one block.
//
//   8 bytes  score
//   1 byte   length; 255: it stands in the next 8 bytes
//   n bytes  member
//
// A member of 16 bytes takes 25 bytes, a block of 32. The block is owned by the table of the set (zset_object.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/memory.h"

namespace torc::store {

class ZsetItem {
 public:
  // The caller releases it with base::release().
  [[nodiscard]] static ZsetItem* make(std::string_view member, double score) noexcept {
    auto* const item = static_cast<ZsetItem*>(base::allocate(block_bytes(member.size())));
    item->score_ = score;
    char* out = item->bytes();
    *out++ = static_cast<char>(member.size() < long_member ? member.size() : long_member);
    if (member.size() >= long_member) {
      const uint64_t size = member.size();
      std::memcpy(out, &size, sizeof size);
      out += sizeof size;
    }
    if (!member.empty()) std::memcpy(out, member.data(), member.size());
    return item;
  }
  [[nodiscard]] static size_t block_bytes(size_t member_bytes) noexcept {
    return sizeof(ZsetItem) + 1 + (member_bytes < long_member ? 0 : sizeof(uint64_t)) + member_bytes;
  }

  [[nodiscard]] double score() const noexcept { return score_; }
  void set_score(double score) noexcept { score_ = score; }
  [[nodiscard]] std::string_view member() const noexcept {
    const char* const in = reinterpret_cast<const char*>(this + 1);
    const auto size = static_cast<unsigned char>(*in);
    if (size < long_member) [[likely]]
      return {in + 1, size};
    uint64_t long_size;
    std::memcpy(&long_size, in + 1, sizeof long_size);
    return {in + 1 + sizeof long_size, long_size};
  }

 private:
  static constexpr size_t long_member = 255;
  char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }

  double score_;
};
static_assert(sizeof(ZsetItem) == 8);

}  // namespace torc::store
