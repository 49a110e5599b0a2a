// One block per blob: header, then bytes. The room is what the allocator really gave, so that growing by appending
// uses the rounding up of its size classes.
#include "base/blob.h"

#include <cstring>
#include <limits>

#include "base/assert.h"
#include "base/late_release.h"
#include "base/memory.h"
#include "base/streaming_copy.h"

namespace torc::base {

namespace {

size_t block_bytes(size_t capacity_bytes) {
  TORC_ASSERT(capacity_bytes <= std::numeric_limits<size_t>::max() / 2);
  return sizeof(BlobHeader) + capacity_bytes;
}

}  // namespace

BlobRef BlobRef::make(size_t capacity_bytes) {
  auto* header = static_cast<BlobHeader*>(allocate(block_bytes(capacity_bytes)));
  header->size = 0;
  header->capacity = usable_size(header) - sizeof(BlobHeader);
  header->references = 1;
  return BlobRef(header);
}

BlobRef BlobRef::copy_of(std::string_view bytes) {
  BlobRef blob = make(bytes.size());
  if (!bytes.empty()) std::memcpy(blob.bytes(), bytes.data(), bytes.size());
  blob.header_->size = bytes.size();
  return blob;
}

char* BlobRef::mutable_bytes() noexcept {
  TORC_ASSERT(unique());
  return bytes();
}

void BlobRef::set_size(size_t size) noexcept {
  TORC_ASSERT(unique() && size <= header_->capacity);
  header_->size = size;
}

void BlobRef::assign(std::string_view bytes) noexcept {
  set_size(bytes.size());
  streaming_copy(mutable_bytes(), bytes.data(), bytes.size());
}

void BlobRef::reserve(size_t capacity_bytes) {
  TORC_ASSERT(unique() && capacity_bytes >= header_->size);
  header_ = static_cast<BlobHeader*>(reallocate(header_, block_bytes(capacity_bytes)));
  header_->capacity = usable_size(header_) - sizeof(BlobHeader);
}

void BlobRef::reset() noexcept {
  if (!header_) return;
  TORC_ASSERT(header_->references > 0);
  if (--header_->references == 0) release_overwritten(header_, header_->capacity);
  header_ = nullptr;
}

}  // namespace torc::base
