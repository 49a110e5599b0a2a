// Output: the bytes that wait to be sent to one client, as a list of segments. Small replies are written into chunks
// from a pool; values from about a kilobyte are referenced where they lie (a blob's reference keeps them alive), so a
// large reply is copied once, by the kernel.
//
// An Output that is empty owns no memory but the vector's: ten thousand idle clients cost nothing.
//
// A limit says how much memory it may take. What goes beyond is not kept, nor what was written before: it would not be
// sent anyway. Writing goes on as if nothing had happened, into one chunk, so that no command has to ask.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/blob.h"

namespace torc::resp {

inline constexpr size_t chunk_bytes = 16 * 1024;
// A blob shorter than this is copied: a segment of its own costs more than the copy.
inline constexpr size_t reference_bytes_min = 1024;
// The longest header that can be inserted at a mark.
inline constexpr size_t mark_bytes_max = 32;

// Recycles chunks. One per keyspace thread; Outputs must be cleared or destroyed on the thread that owns the pool. What
// a burst of replies left behind goes when nobody has needed it from one trim() to the next.
class ChunkPool {
 public:
  explicit ChunkPool(size_t idle_chunks_max = 256) noexcept : idle_chunks_max_(idle_chunks_max) {}
  ~ChunkPool();
  ChunkPool(const ChunkPool&) = delete;
  ChunkPool& operator=(const ChunkPool&) = delete;
  [[nodiscard]] char* take();          // chunk_bytes bytes
  void give_back(char* chunk) noexcept;
  void trim() noexcept;
  // All that is idle goes at once.
  void release_idle() noexcept;

 private:
  std::vector<char*> idle_;
  size_t rested_ = 0;  // so many were idle ever since the last trim()
  size_t idle_chunks_max_;
};

class Output {
 public:
  struct Segment {
    const char* data;
    size_t size;
    base::BlobRef blob;     // keeps the bytes alive, or empty: then they lie in one of the chunks
  };

  explicit Output(ChunkPool* pool) noexcept : pool_(pool) {}
  Output(Output&& other) noexcept;
  Output& operator=(Output&& other) noexcept;
  ~Output() { clear(); }

  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  // Bytes in all.
  [[nodiscard]] size_t size() const noexcept { return closed_bytes_ + static_cast<size_t>(cursor_ - open_begin_); }
  // Chunks, and referenced bytes as if copied.
  [[nodiscard]] size_t memory_bytes() const noexcept { return chunks_.size() * chunk_bytes + referenced_bytes_; }
  // When it needs more memory at memory_bytes() >= bytes_max it is overflown, until clear(), and what it holds means
  // nothing. The limit does not move along with the content.
  void limit_to(size_t bytes_max) noexcept { bytes_max_ = bytes_max; }
  [[nodiscard]] bool overflown() const noexcept { return overflown_; }
  // size(), and what was not kept.
  [[nodiscard]] size_t written_bytes() const noexcept { return size() + dropped_bytes_; }
  // What it keeps when it is empty.
  [[nodiscard]] size_t kept_bytes() const noexcept {
    return segments_.capacity() * sizeof(Segment) + chunks_.capacity() * sizeof(char*);
  }

  // At least `bytes` (≤ chunk_bytes) of contiguous room; write there, then commit what was written.
  [[nodiscard]] char* room(size_t bytes) {
    if (static_cast<size_t>(chunk_end_ - cursor_) < bytes) [[unlikely]] new_chunk();
    return cursor_;
  }
  void commit(size_t bytes) noexcept { cursor_ += bytes; }

  void append(std::string_view bytes);                   // any size
  // part lies within the blob; references it, or copies what is small or less than half of the blob's room.
  void append(base::BlobRef blob, std::string_view part);

  // Where a header will be put once its number is known. Marks are used in any order, each once, before segments() is
  // called.
  struct Mark { size_t segment; };
  [[nodiscard]] Mark mark();
  void insert_at(Mark mark, std::string_view bytes);     // ≤ mark_bytes_max

  // Segments in order, up to all that was written; after more was written, call it again. Bytes that were there stay
  // where they are; the last segment may have become longer.
  [[nodiscard]] const std::vector<Segment>& segments();
  void clear() noexcept;

 private:
  void new_chunk();
  void begin_chunk();
  void overflow();
  void drop_content() noexcept;
  void close_segment();
  void close_gap(size_t gap_bytes) noexcept;
  ChunkPool* pool_;
  char* cursor_ = nullptr;         // next free byte of the current chunk
  char* chunk_end_ = nullptr;
  const char* open_begin_ = nullptr;   // begin of the segment under way
  bool open_is_marked_ = false;        // it begins right behind a mark's gap
  bool overflown_ = false;
  size_t bytes_max_ = SIZE_MAX;
  size_t dropped_bytes_ = 0;
  size_t closed_bytes_ = 0;
  size_t referenced_bytes_ = 0;
  std::vector<Segment> segments_;
  std::vector<char*> chunks_;
};

}  // namespace torc::resp
