// QuicklistNode: one link of a quicklist, and what it holds: a listpack of some elements, or a single huge element.
//
// A listpack lies anywhere in its block, so an element comes to or leaves either end without the others being moved:
// LPUSH into 8 KiB writes the element and the six bytes of the header. A block grows by doubling while its node is at
// an end of the list, and trim() gives back what is too much when it no longer is. A node in the middle may be
// compressed; then its block holds exactly the compressed bytes.
//
// `allocated` is the list's sum of all usable sizes, kept right by whatever allocates or frees here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ds/listpack.h"

namespace torc::ds {

class QuicklistNode {
 public:
  // A node with an empty listpack and room for `bytes` of elements; at_front: room before it.
  static QuicklistNode* make(size_t bytes, bool at_front, uint64_t* allocated) noexcept;
  // A copy of the listpack.
  static QuicklistNode* make_from(std::string_view listpack, uint64_t* allocated) noexcept;
  static QuicklistNode* make_plain(std::string_view element, uint64_t* allocated) noexcept;
  static void free(QuicklistNode* node, uint64_t* allocated) noexcept;
  // With the same contents, compressed if this one is; not linked.
  [[nodiscard]] QuicklistNode* copy(uint64_t* allocated) const noexcept;

  [[nodiscard]] uint32_t count() const noexcept { return count_; }
  [[nodiscard]] bool plain() const noexcept { return plain_; }
  [[nodiscard]] bool compressed() const noexcept { return compressed_; }
  // Of the listpack or element, uncompressed; and of the block's contents.
  [[nodiscard]] uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] uint64_t stored_bytes() const noexcept { return compressed_ ? compressed_bytes_ : bytes_; }
  [[nodiscard]] uint64_t allocated_bytes() const noexcept { return sizeof(QuicklistNode) + block_bytes_; }
  // Not compressed, not plain.
  [[nodiscard]] Listpack listpack() const noexcept { return Listpack(block_ + begin_); }
  [[nodiscard]] std::string_view contents() const noexcept { return {block_ + begin_, bytes_}; }
  // Writes bytes() bytes of a compressed node.
  void decompress_to(char* out) const noexcept;

  // --- changes; of nodes that are not compressed ---
  // Carries out a plan for the listpack and returns where the inserted bytes are to be written.
  char* splice(const ListpackEdit& edit, uint64_t* allocated) noexcept;
  void insert(Listpack::Position position, const ListpackItem& item, uint64_t* allocated) noexcept {
    item.write(splice(listpack().insert(position, item.bytes()), allocated));
  }
  void replace(Listpack::Position position, const ListpackItem& item, uint64_t* allocated) noexcept {
    item.write(splice(listpack().replace(position, item.bytes()), allocated));
  }
  // Of `count` elements that are there.
  void erase(Listpack::Position position, uint32_t count, uint64_t* allocated) noexcept;
  // All elements of another listpack, behind this one's.
  void append_all(const QuicklistNode& other, uint64_t* allocated) noexcept;
  void set_plain(std::string_view element, uint64_t* allocated) noexcept;
  // Gives back a block's room if it is much.
  void trim(uint64_t* allocated) noexcept;
  // Nothing if that does not pay; then it is not tried again until the node changes.
  void compress(uint64_t* allocated) noexcept;
  void decompress(uint64_t* allocated) noexcept;

  QuicklistNode* previous = nullptr;
  QuicklistNode* next = nullptr;

 private:
  void set_block(char* block, uint64_t* allocated) noexcept;
  char* make_room(const ListpackEdit& edit, uint64_t* allocated) noexcept;

  char* block_ = nullptr;
  uint64_t bytes_ = 0;
  uint64_t block_bytes_ = 0;  // usable ones
  uint32_t begin_ = 0;        // of the listpack in the block
  uint32_t count_ = 0;
  uint64_t compressed_bytes_ : 61 = 0;
  bool plain_ : 1 = false;
  bool compressed_ : 1 = false;
  bool incompressible_ : 1 = false;
};
// The allocator's blocks of up to 64 bytes follow each other closely: who walks along millions of them meets them all.
static_assert(sizeof(QuicklistNode) <= 64);

}  // namespace torc::ds
