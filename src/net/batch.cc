// Moving a batch out of the ring's buffers rewrites each of its views once; the slices of a batch are few.
#include "net/batch.h"

#include <functional>
#include <string_view>

#include "base/assert.h"

namespace torc::net {

namespace {

// Whether the view points into the slice. std::less compares unrelated pointers in a defined way.
bool lies_in(std::string_view view, const io::BufferSlice& slice) noexcept {
  std::less<const char*> before;
  return !before(view.data(), slice.data) && before(view.data(), slice.data + slice.size);
}

}  // namespace

size_t Batch::own_bytes() const noexcept {
  size_t bytes = list.list_bytes();
  for (const io::BufferSlice& slice : slices) bytes += slice.size;
  for (const Buffer& buffer : buffers) bytes += buffer.capacity();
  for (const resp::ArgumentBlob& argument : list.blobs) bytes += argument.blob.capacity();
  return bytes;
}

void Batch::detach(std::vector<io::BufferSlice>& spent) {
  std::vector<const char*> copies;
  for (const io::BufferSlice& slice : slices) {
    Buffer& copy = buffers.emplace_back(slice.size);
    copy.append_within_room({slice.data, slice.size});
    copies.push_back(copy.view().data());
  }
  for (std::string_view& argument : list.arguments) {
    for (size_t i = 0; i < slices.size(); ++i) {
      if (!lies_in(argument, slices[i])) continue;
      argument = {copies[i] + (argument.data() - slices[i].data), argument.size()};
      break;
    }
  }
  spent.insert(spent.end(), slices.begin(), slices.end());
  slices.clear();
}

Batch* BatchPool::take() {
  if (idle_.empty()) return new Batch;
  Batch* batch = idle_.back().release();
  idle_.pop_back();
  idle_bytes_ -= batch->list.kept_bytes();
  return batch;
}

void BatchPool::give_back(Batch* batch) noexcept {
  TORC_ASSERT(batch->slices.empty());
  TORC_ASSERT(batch->lent_position == Batch::not_listed && batch->held_position == Batch::not_listed);
  std::unique_ptr<Batch> owned(batch);
  if (idle_.size() == idle_max) return;
  batch->list.clear();
  const size_t kept_bytes = batch->list.kept_bytes();
  if (kept_bytes > idle_bytes_average && idle_bytes_ + kept_bytes > idle_bytes_max / 2) return;
  batch->buffers.clear();
  batch->protocol_error.clear();
  batch->input_bytes = 0;
  batch->pending_bytes = batch->memory_bytes = 0;
  batch->database = 0;
  idle_bytes_ += kept_bytes;
  idle_.push_back(std::move(owned));
}

}  // namespace torc::net
