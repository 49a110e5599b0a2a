// PackedPairs: the fields and values of a small hash in one block, as densely as they can stand.
//
//   1 byte   pairs; 255: more than 254, they have to be counted
//   pairs, each:
//     1 byte   length of the field (low four bits) and of the value (high ones); 15: 15 or more, then follows
//     0..5     the field's length less 15, seven bits a byte, the lowest first
//     0..5     the same of the value
//     n bytes  field
//     n bytes  value
//
// A listpack, which Redis uses here, spends at least two bytes on each of both, and seven on the whole. Of five fields
// "f0" to "f4" with values of eight bytes that leaves 56 bytes instead of 77; with the key of 16 bytes and the entry's
// head it fits a block of 80 where the listpack takes one of 112. Integers stand as text: only long ones are smaller in
// a listpack. Files and RESTORE carry listpacks; a hash is walked once then anyway.
//
// As with listpacks the owner of the block makes the room. Reading is a view; a change says how long the block will be,
// and carries itself out in a block that has room for the longer of both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace torc::ds {

class PackedPairs {
 public:
  static constexpr size_t empty_bytes = 1;
  static constexpr size_t bytes_max = size_t{1} << 30;
  // Where a pair begins; 0: none.
  using Position = uint32_t;
  struct Pair {
    std::string_view field, value;
    Position next;  // the one behind it; 0 at the end
  };

  // A well-formed block that outlives the view and does not change meanwhile.
  explicit PackedPairs(std::string_view block) noexcept : block_(block) {}
  // For blocks from outside: all pairs lie within the block and are as many as it says.
  [[nodiscard]] static bool valid(std::string_view block) noexcept;
  static void make_empty(char* block) noexcept { *block = 0; }

  [[nodiscard]] size_t size() const noexcept;
  [[nodiscard]] Position first() const noexcept { return block_.size() > empty_bytes ? Position{empty_bytes} : 0; }
  [[nodiscard]] Pair at(Position position) const noexcept;
  [[nodiscard]] Position find(std::string_view field) const noexcept;

  // Calls visit(std::string_view field, std::string_view value) for all pairs.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (Position position = first(); position != 0;) {
      const Pair pair = at(position);
      visit(pair.field, pair.value);
      position = pair.next;
    }
  }

  // A change of the block: `removed` bytes from `begin` on make way for `inserted` ones.
  struct Edit {
    Position begin;
    size_t removed, inserted;
    int pairs;  // by how many their number changes
  };
  [[nodiscard]] Edit append(std::string_view field, std::string_view value) const noexcept;
  [[nodiscard]] Edit set_value(Position position, std::string_view value) const noexcept;
  [[nodiscard]] Edit erase(Position position) const noexcept;
  [[nodiscard]] size_t bytes_after(const Edit& edit) const noexcept {
    return block_.size() - edit.removed + edit.inserted;
  }
  // Moves what stands behind, and counts. `bytes` is how long the block was before. Returns where to write the pair.
  static char* carry_out(char* block, size_t bytes, const Edit& edit) noexcept;
  static void write(char* out, std::string_view field, std::string_view value) noexcept;

 private:
  std::string_view block_;
};

}  // namespace torc::ds
