// OutputQueue: the sending half of a connection. What is under way is sent wholly before what waits behind it, so there
// is never more than one send in flight, and each takes as much as it may.
//
// The session half's Outputs are kept as they come and go back to it when they are spent: neither their references nor
// their chunks are touched here. Only small ones that would queue up behind others (a slow reader of many messages) are
// copied into chunks of the network half's own, lest each of them holds a chunk that is mostly empty.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "resp/output.h"

namespace torc::net {

// Recycles the long arrays of parts; those of up to OutputQueue::inline_parts live in the queue.
class PartsPool {
 public:
  [[nodiscard]] std::vector<iovec> take();
  void give_back(std::vector<iovec>&& parts) noexcept;

 private:
  static constexpr size_t idle_max = 64;
  std::vector<std::vector<iovec>> idle_;
};

class OutputQueue {
 public:
  static constexpr size_t inline_parts = 3;  // header, value, line end
  static constexpr size_t gathered_bytes_max = resp::chunk_bytes / 2;

  struct Item {
    resp::Output output;
    bool own;  // gathered here; not to be handed back
  };

  // Empties output, unless it was copied: then it returns false and the caller hands it back.
  [[nodiscard]] bool append(resp::Output& output, resp::ChunkPool& own_chunks);
  // Whether all bytes have been sent.
  [[nodiscard]] bool empty() const noexcept { return remaining_bytes_ == 0 && waiting_.empty(); }

  // The parts of the next send: about bytes_max at the most. They and their array stay until advance() or one of the
  // take functions. Not when empty.
  [[nodiscard]] std::span<const iovec> next_parts(size_t bytes_max, PartsPool& pool);
  // So many bytes of these parts were sent. True when all that was under way is: then take it.
  [[nodiscard]] bool advance(size_t bytes, PartsPool& pool);
  // What was under way, sent or not. Not while a send is in flight. The caller hands the items back that are not own,
  // and calls clear_under_way().
  [[nodiscard]] std::vector<Item>& under_way() noexcept { return under_way_; }
  void clear_under_way(PartsPool& pool) noexcept;
  // The same for what waits behind it.
  [[nodiscard]] std::vector<Item>& waiting() noexcept { return waiting_; }
  void clear_waiting() noexcept { clear_items(waiting_); }

  // Bytes of values that are referred to by what is under way.
  [[nodiscard]] uint64_t pinned_bytes() const noexcept { return pinned_bytes_; }
  // Unsent bytes of what is under way.
  [[nodiscard]] uint64_t remaining_bytes() const noexcept { return remaining_bytes_; }

 private:
  struct Place {
    size_t item = 0;
    size_t segment = 0;
    size_t offset = 0;
  };
  static void clear_items(std::vector<Item>& items) noexcept;
  [[nodiscard]] bool worth_gathering(resp::Output& output) const;
  void begin_next();
  [[nodiscard]] size_t segments_left(size_t enough);
  [[nodiscard]] size_t write_parts(std::span<iovec> parts, size_t bytes_max);

  std::vector<Item> under_way_;
  std::vector<Item> waiting_;
  Place next_;  // the first byte that was not sent
  uint64_t remaining_bytes_ = 0;
  uint64_t pinned_bytes_ = 0;
  iovec inline_parts_[inline_parts];
  std::vector<iovec> parts_;
};

}  // namespace torc::net
