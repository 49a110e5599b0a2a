// The chain, oldest first. The page with the link stays to the end, so a block shrinks from behind it on.
#include "base/late_release.h"

#include <algorithm>

#include "base/assert.h"
#include "base/pages.h"

namespace torc::base {

namespace {

struct Link {
  Link* next;
  size_t bytes;  // of the block
  size_t gone;   // of them
};
static_assert(sizeof(Link) <= late_release_bytes_min);

struct Chain {
  Link* first = nullptr;
  Link* last = nullptr;
  size_t blocks = 0;
  size_t bytes = 0;
  ~Chain() {
    while (first) release_late_piece(first->bytes);
  }
};

thread_local Chain chain;

}  // namespace

void late::wait(void* block) noexcept {
  auto* const link = static_cast<Link*>(block);
  *link = {nullptr, usable_size(block), 0};
  (chain.last ? chain.last->next : chain.first) = link;
  chain.last = link;
  ++chain.blocks;
  chain.bytes += link->bytes;
}

size_t late_blocks() noexcept { return chain.blocks; }
size_t late_bytes() noexcept { return chain.bytes; }

LatePiece release_late_piece(size_t bytes_max) noexcept {
  Link* const link = chain.first;
  if (!link) return {};
  TORC_ASSERT(bytes_max != 0);
  const size_t bytes = std::min(bytes_max, link->bytes - link->gone);
  const size_t kept = link->gone == 0 ? sizeof(Link) : 0;
  discard_pages(reinterpret_cast<char*>(link) + link->gone + kept, bytes - std::min(bytes, kept));
  link->gone += bytes;
  chain.bytes -= bytes;
  if (link->gone < link->bytes) return {bytes, false};
  chain.first = link->next;
  if (!chain.first) chain.last = nullptr;
  --chain.blocks;
  release(link);
  return {bytes, true};
}

}  // namespace torc::base
