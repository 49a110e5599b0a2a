// Which end of a listpack moves is decided by what is shorter and where there is room; the block is made anew only when
// there is room at neither end.
#include "ds/quicklist_node.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <string>

#include "base/assert.h"
#include "base/compression.h"
#include "base/late_release.h"
#include "base/memory.h"

namespace torc::ds {

namespace {

constexpr size_t block_bytes_min = 64;
// Larger blocks are made as large as is needed; the largest listpacks that grow by single elements have 64 KiB.
constexpr size_t doubled_bytes_max = 64 << 10;
constexpr size_t compressed_bytes_min = 48;  // smaller listpacks are left alone
constexpr size_t saved_bytes_min = 8;

size_t grown(size_t bytes) noexcept {
  if (bytes > doubled_bytes_max) return bytes;
  return std::max(block_bytes_min, std::bit_ceil(bytes));
}

}  // namespace

void QuicklistNode::set_block(char* block, uint64_t* allocated) noexcept {
  if (block_) base::release_overwritten(block_, block_bytes_);
  *allocated -= block_bytes_;
  block_ = block;
  block_bytes_ = base::usable_size(block);
  *allocated += block_bytes_;
}

QuicklistNode* QuicklistNode::make(size_t bytes, bool at_front, uint64_t* allocated) noexcept {
  auto* node = new (base::allocate(sizeof(QuicklistNode))) QuicklistNode;
  *allocated += sizeof(QuicklistNode);
  node->set_block(static_cast<char*>(base::allocate(grown(Listpack::empty_bytes + bytes))), allocated);
  node->bytes_ = Listpack::empty_bytes;
  const size_t room = std::min<size_t>(node->block_bytes_ - node->bytes_, UINT32_MAX);
  node->begin_ = at_front ? static_cast<uint32_t>(room) : 0;
  Listpack::make_empty(node->block_ + node->begin_);
  return node;
}

QuicklistNode* QuicklistNode::make_from(std::string_view listpack, uint64_t* allocated) noexcept {
  auto* node = make_plain(listpack, allocated);
  node->plain_ = false;
  node->count_ = static_cast<uint32_t>(node->listpack().size());
  return node;
}

QuicklistNode* QuicklistNode::make_plain(std::string_view element, uint64_t* allocated) noexcept {
  auto* node = new (base::allocate(sizeof(QuicklistNode))) QuicklistNode;
  *allocated += sizeof(QuicklistNode);
  node->plain_ = true;
  node->count_ = 1;
  node->set_plain(element, allocated);
  return node;
}

void QuicklistNode::set_plain(std::string_view element, uint64_t* allocated) noexcept {
  char* const block = static_cast<char*>(base::allocate(element.size()));
  if (!element.empty()) std::memcpy(block, element.data(), element.size());
  set_block(block, allocated);
  bytes_ = element.size();
}

void QuicklistNode::free(QuicklistNode* node, uint64_t* allocated) noexcept {
  *allocated -= node->allocated_bytes();
  base::release_late(node->block_, node->block_bytes_);
  base::release(node);
}

QuicklistNode* QuicklistNode::copy(uint64_t* allocated) const noexcept {
  auto* node = make_plain({block_ + begin_, stored_bytes()}, allocated);
  node->bytes_ = bytes_;
  node->count_ = count_;
  node->plain_ = plain_;
  node->compressed_ = compressed_;
  node->incompressible_ = incompressible_;
  node->compressed_bytes_ = compressed_bytes_;
  return node;
}

// Room for the plan before or behind the listpack; the block may be another one afterwards.
char* QuicklistNode::make_room(const ListpackEdit& edit, uint64_t* allocated) noexcept {
  const size_t more = edit.inserted - edit.removed;
  const bool at_front = edit.begin - Listpack::header_bytes < bytes_ / 2;
  const size_t slack = block_bytes_ - bytes_;
  if (slack >= more) {
    // What is left over is divided, so that who adds to both ends in turn does not move everything each time.
    const size_t before = at_front ? more + (slack - more) / 2 : (slack - more) / 2;
    std::memmove(block_ + before, block_ + begin_, bytes_);
    begin_ = static_cast<uint32_t>(before);
    return block_ + begin_;
  }
  const size_t needed = bytes_ + more;
  char* const block = static_cast<char*>(base::allocate(grown(needed)));
  const size_t room = base::usable_size(block) - bytes_;
  const size_t begin = at_front && room <= UINT32_MAX ? room : 0;
  std::memcpy(block + begin, block_ + begin_, bytes_);
  set_block(block, allocated);
  begin_ = static_cast<uint32_t>(begin);
  return block_ + begin_;
}

char* QuicklistNode::splice(const ListpackEdit& edit, uint64_t* allocated) noexcept {
  TORC_ASSERT(!plain_ && !compressed_);
  incompressible_ = false;
  const int64_t more = int64_t{edit.inserted} - edit.removed;
  const bool front_is_shorter = edit.begin < bytes_ - edit.begin - edit.removed;
  bool front_fits = more <= begin_;
  bool back_fits = more <= static_cast<int64_t>(block_bytes_ - begin_ - bytes_);
  if (!front_fits && !back_fits) [[unlikely]] {
    make_room(edit, allocated);
    front_fits = more <= begin_;
    back_fits = more <= static_cast<int64_t>(block_bytes_ - begin_ - bytes_);
  }
  count_ = static_cast<uint32_t>(static_cast<int64_t>(count_) + edit.elements);
  bytes_ = static_cast<uint64_t>(static_cast<int64_t>(bytes_) + more);
  char* const begin = block_ + begin_;
  if (!front_fits || (back_fits && !front_is_shorter)) return Listpack::splice(begin, edit);
  begin_ = static_cast<uint32_t>(int64_t{begin_} - more);
  return Listpack::splice_before(begin, edit);
}

void QuicklistNode::erase(Listpack::Position position, uint32_t count, uint64_t* allocated) noexcept {
  splice(listpack().erase(position, count), allocated);
}

void QuicklistNode::append_all(const QuicklistNode& other, uint64_t* allocated) noexcept {
  const std::string_view block = other.contents();
  const std::string_view elements = block.substr(Listpack::header_bytes, block.size() - Listpack::empty_bytes);
  char* const gap = splice(listpack().insert(0, elements.size(), static_cast<int32_t>(other.count_)), allocated);
  std::memcpy(gap, elements.data(), elements.size());
}

void QuicklistNode::trim(uint64_t* allocated) noexcept {
  if (plain_ || compressed_ || block_bytes_ - bytes_ <= bytes_ / 8) return;
  char* const block = static_cast<char*>(base::allocate(bytes_));
  std::memcpy(block, block_ + begin_, bytes_);
  set_block(block, allocated);
  begin_ = 0;
}

void QuicklistNode::compress(uint64_t* allocated) noexcept {
  if (plain_ || compressed_ || incompressible_ || bytes_ < compressed_bytes_min) return;
  const std::string shorter = base::lzf_compress(contents());
  incompressible_ = shorter.empty() || shorter.size() + saved_bytes_min >= bytes_;
  if (incompressible_) return trim(allocated);
  char* const block = static_cast<char*>(base::allocate(shorter.size()));
  std::memcpy(block, shorter.data(), shorter.size());
  set_block(block, allocated);
  compressed_bytes_ = shorter.size();
  begin_ = 0;
  compressed_ = true;
}

void QuicklistNode::decompress_to(char* out) const noexcept {
  const bool whole = base::lzf_decompress({block_, compressed_bytes_}, out, bytes_);
  TORC_ASSERT(whole);
}

void QuicklistNode::decompress(uint64_t* allocated) noexcept {
  if (!compressed_) return;
  char* const block = static_cast<char*>(base::allocate(bytes_));
  decompress_to(block);
  set_block(block, allocated);
  compressed_ = false;
}

}  // namespace torc::ds
