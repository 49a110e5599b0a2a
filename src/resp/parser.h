// The request parser: RESP multibulk and inline requests out of a byte stream that may be cut anywhere.
//
// The caller presents contiguous bytes that begin where the last complete request ended. Complete requests become
// views into these bytes. For an incomplete one the parser remembers how far it came (as offsets), so that the caller
// may present the same bytes again at another address with more behind them, and no byte is looked at twice.
//
// A bulk of blob_bytes_min or more that has not arrived wholly is gathered in a blob of its own, which the caller can
// receive into directly. Its memory grows with the bytes that arrive, never with the length that is claimed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "resp/request.h"

namespace torc::resp {

struct ParserLimits {
  int64_t bulk_bytes_max = 512LL << 20;   // proto-max-bulk-len
  int64_t multibulk_count_max = INT32_MAX;
  bool authenticated = true;              // false: at most 10 arguments of at most 16,384 bytes, as Redis does
};

inline constexpr size_t inline_bytes_max = 64 * 1024;
inline constexpr size_t blob_bytes_min = 32 * 1024;
// A blob's first room: the claim, but not more than this.
inline constexpr size_t blob_room_bytes = 1 << 20;
// A room that is full becomes so many times as large (or what the claim is). Each step copies what is there, and its
// memory is fresh: with 2 a value of 4 MiB cost as much again.
inline constexpr size_t blob_growth = 8;

class Parser {
 public:
  enum class Status : uint8_t {
    need_more,     // all complete requests are out
    list_full,     // requests_max reached; call again with the rest
    error,         // protocol error: error() has the text; the connection must be closed after the reply
  };
  struct Progress {
    Status status;
    // Bytes of complete requests at the front: the caller drops them (once their views are done with).
    size_t consumed;
    // Bytes at the end that moved into a blob: the caller drops them too and keeps what lies between.
    size_t absorbed;
  };

  // Appends at most requests_max requests to list. While blob_room() is not empty, call blob_filled() instead.
  Progress parse(std::string_view input, const ParserLimits& limits, size_t requests_max, RequestList& list);

  // Where the next bytes of the big bulk belong: empty when there is none under way. The span may be shorter than what
  // is missing.
  [[nodiscard]] std::span<char> blob_room();
  // How many bytes of the big bulk are still to come in all.
  [[nodiscard]] size_t blob_missing() const noexcept;
  // Says that the first `bytes` of blob_room() were filled. When the blob is complete, parse() goes on with the kept
  // bytes followed by what arrives after the blob.
  void blob_filled(size_t bytes);

  // "Protocol error: ..." without the "-ERR "; valid after Status::error.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  // Bytes held by blobs of the incomplete request.
  [[nodiscard]] size_t blob_bytes() const noexcept;
  // Of these and the `kept` bytes of the request: what is not yet a complete argument.
  [[nodiscard]] size_t incomplete_bytes(size_t kept) const noexcept;
  // The memory of these, with the room for what has not come.
  [[nodiscard]] size_t blob_memory_bytes() const noexcept;
  // Whether a request has begun and is not complete.
  [[nodiscard]] bool mid_request() const noexcept;

 private:
  enum class Step : uint8_t { done, more, failed };

  // An argument of the incomplete request, by its place relative to the request's start; the place of one that lies in
  // a blob has no meaning.
  struct Piece {
    uint64_t offset;
    uint64_t size;
  };

  // The limits as the fast way compares them.
  struct Caps {
    uint64_t count;
    uint64_t bulk_bytes;
  };

  const char* parse_whole(const char* request, const char* end, const Caps& caps, RequestList& list);
  void suspend(const char* request, const char* stopped, size_t missing, size_t first, RequestList& list);
  Step resume(const char* request, const char* end, const ParserLimits& limits, RequestList& list);
  Step resume_multibulk(const char* request, const char* end, const ParserLimits& limits, RequestList& list);
  Step parse_inline(std::string_view rest, RequestList& list);
  Step find_line(std::string_view rest, char terminator, std::string_view too_long, size_t& length);
  Step read_count(std::string_view rest, const ParserLimits& limits);
  Step read_bulk_size(std::string_view rest, const ParserLimits& limits);
  Step read_bulk(std::string_view rest);
  Step skip_trailer(std::string_view rest);
  Step fail(std::string_view text);
  void start_blob(std::string_view rest);
  void finish_blob();
  void emit(const char* request, RequestList& list);
  void forget_request() noexcept;

  std::string error_;

  // The request under way, from here on. Offsets count from its first byte.
  bool waiting_ = false;               // some of it has arrived
  bool in_multibulk_ = false;          // its count was read
  uint64_t position_ = 0;              // the next byte to look at
  uint64_t scanned_ = 0;               // so many bytes from there have no line end among them
  uint64_t arguments_missing_ = 0;
  uint64_t trailer_missing_ = 0;       // bytes of the line end behind a finished blob that are still to be skipped
  int64_t bulk_size_ = -1;             // of the next argument, once its header was read
  base::BlobRef blob_;                 // the argument that is being received
  size_t absorbed_ = 0;                // what the last parse() moved into blob_
  uint64_t blob_wire_bytes_ = 0;       // bytes of the request that went into blobs, with line ends
  size_t finished_blob_bytes_ = 0;
  size_t finished_blob_memory_bytes_ = 0;
  std::vector<Piece> pieces_;
  std::vector<ArgumentBlob> blobs_;
};

}  // namespace torc::resp
