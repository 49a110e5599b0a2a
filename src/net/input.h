// Input: the receiving half of a connection, between the transport (a socket now, TLS later) and the session half.
// Bytes go in as they arrive, batches of requests come out. It knows no ring and no socket.
//
// Where bytes live. A slice that arrives is parsed where it lies, and the batch pins it. Of an incomplete request the
// bytes are copied to `partial`, since a request must be contiguous; when more arrives, only as much is appended there
// as that request needs, and the rest is again parsed where it lies. What cannot be parsed yet (the batch is lent, or
// full) is copied to `backlog`, a list of blocks that are only appended to and later parsed in place, like slices. So a
// byte is copied twice at the most. The payload of a big bulk goes to the parser's blob instead.
//
// The order of the stream is: partial, the parser's blob, backlog, the slices of the batch that is being filled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "io/operation.h"
#include "net/batch.h"
#include "net/buffer.h"
#include "resp/parser.h"

namespace torc::net {

// What inputs share: the batches, and the slices that nobody looks at any more and that are owed to the ring.
struct InputPool {
  BatchPool batches;
  std::vector<io::BufferSlice> spent;
  uint64_t bytes_copied = 0;  // out of slices
};

class Input {
 public:
  Input() noexcept = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

  // Bytes that arrived. The slice becomes this object's; it comes back through `spent` or in a batch.
  void arrived(const io::BufferSlice& slice, InputPool& pool);
  // Where the next bytes of a big bulk may be received directly; empty when there is none under way, or when other
  // bytes come first. Then blob_arrived() says how many came.
  [[nodiscard]] std::span<char> blob_room();
  [[nodiscard]] size_t blob_missing() const noexcept { return parser_.blob_missing(); }
  void blob_arrived(size_t bytes);

  // How many requests a batch may have, and from how many bytes on it takes no more.
  struct Share {
    size_t requests_max, bytes_max;
  };
  // Parses complete requests into a batch, which is thereby lent: nothing is parsed before finished(). nullptr when
  // there is no complete request (and no protocol error).
  [[nodiscard]] Batch* parse(const resp::ParserLimits& limits, const Share& share, InputPool& pool);
  // The lent batch is back: its memory goes.
  void finished(InputPool& pool);
  // Nothing more is parsed: what waits is dropped, and so is what arrives.
  void stop(InputPool& pool);
  // For another connection. Nothing may be lent.
  void reset(InputPool& pool);

  [[nodiscard]] bool lent() const noexcept { return lent_; }
  // The batch that is lent (or being filled).
  [[nodiscard]] Batch* batch() const noexcept { return batch_; }
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  // Whether parse() has something to look at, now or after finished().
  [[nodiscard]] bool unparsed() const noexcept { return !backlog_.empty() || unparsed_slices(); }
  [[nodiscard]] size_t backlog_bytes() const noexcept { return backlog_bytes_; }
  // What is held of the incomplete request; and of that what is no complete argument. client-query-buffer-limit bounds
  // the latter, as Redis takes arguments out of its buffer one by one, unless the client waits.
  [[nodiscard]] size_t request_bytes() const noexcept { return partial_.size() + parser_.blob_bytes(); }
  [[nodiscard]] size_t incomplete_bytes() const noexcept { return parser_.incomplete_bytes(partial_.size()); }
  // All that is held. A head of a few bytes before a big bulk is left out, as in Redis, which has consumed it by then.
  [[nodiscard]] size_t held_bytes() const noexcept {
    const bool only_head = parser_.blob_bytes() != 0 && partial_.size() <= head_bytes_max;
    return (only_head ? 0 : partial_.size()) + parser_.blob_bytes() + backlog_bytes_;
  }
  // What that takes.
  [[nodiscard]] size_t memory_bytes() const noexcept {
    return partial_.capacity() + parser_.blob_memory_bytes() + backlog_bytes_;
  }

 private:
  // One call of parse().
  struct Pass {
    const resp::ParserLimits& limits;
    Share share;
    InputPool& pool;
  };
  [[nodiscard]] bool unparsed_slices() const noexcept { return batch_ && !lent_ && !batch_->slices.empty(); }
  [[nodiscard]] bool goes_on(const Pass& pass) const noexcept;
  void parse_backlog(const Pass& pass);
  void parse_slices(const Pass& pass);
  size_t consume(std::string_view bytes, const Pass& pass);
  size_t consume_in_place(std::string_view bytes, const Pass& pass);
  size_t complete_partial(std::string_view bytes, const Pass& pass);
  void keep_behind(const resp::Parser::Progress& progress);
  size_t fill_blob(std::string_view bytes);
  void append_to_partial(std::string_view bytes, InputPool& pool);
  void append_to_backlog(std::string_view bytes, InputPool& pool);
  void note_error();
  void release_batch(InputPool& pool);
  void drop_waiting(InputPool& pool);
  [[nodiscard]] Batch* lend();

  static constexpr size_t head_bytes_max = 32;  // "*1\r\n$1048576\r\n"

  resp::Parser parser_;
  Batch* batch_ = nullptr;  // being filled, or lent
  Buffer partial_;
  std::vector<Buffer> backlog_;
  size_t backlog_bytes_ = 0;
  uint64_t input_bytes_ = 0;  // since the last batch
  bool lent_ = false;
  bool stopped_ = false;
};

}  // namespace torc::net
