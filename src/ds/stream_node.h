// StreamNode: up to some hundred entries of a stream in one listpack, in Redis's layout, because RDB files carry such
// blocks as they are. In front stands the master entry, which is no entry itself, but has the names of the fields that
// the first one brought:
//
//   live  deleted  n  field 1 ... field n  0
//
// then the entries, each with the difference of its id from the node's (the id of the first entry):
//
//   flags  ms  sequence  value 1 ... value n  elements                   with the master's fields (flags & 2)
//   flags  ms  sequence  m  field 1  value 1 ... field m  value m  elements
//
// A deleted entry stays where it is with flags & 1. The last element, how many stand before it in the entry, is for
// walking back.
//
// Nothing here allocates: whoever owns the block makes room first. Ids and entries are 128-bit numbers that wrap around
// in differences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ds/listpack.h"
#include "ds/stream_id.h"

namespace torc::ds {

// Field, value, field, value ...
using StreamFields = std::span<const std::string_view>;

class StreamNode {
 public:
  using Position = Listpack::Position;

  struct Entry {
    StreamId id;
    Position flags = 0;   // where it begins
    Position values = 0;  // its first value, or its first field if the fields are its own
    uint64_t fields = 0;
    bool deleted = false;
    bool same_fields = false;  // the master's
  };

  StreamNode() noexcept : list_(nullptr) {}  // to be assigned to
  // A valid block of the node with this id.
  StreamNode(const char* block, const StreamId& id) noexcept;

  [[nodiscard]] const Listpack& list() const noexcept { return list_; }
  [[nodiscard]] uint64_t live() const noexcept;
  [[nodiscard]] uint64_t deleted() const noexcept;
  // All that stand in a block, deleted or not.
  [[nodiscard]] static uint64_t entries(const char* block) noexcept;
  [[nodiscard]] Position master_fields() const noexcept { return master_fields_; }

  // --- walking; a place is where an entry begins, end() behind the last ---
  [[nodiscard]] Position first() const noexcept { return first_; }
  [[nodiscard]] Position end() const noexcept { return list_.end(); }
  // The entry that begins at the place.
  [[nodiscard]] Entry read(Position place) const noexcept;
  // Behind an entry of which `elements` from `position` on were not looked at yet.
  [[nodiscard]] Position behind(Position position, uint64_t elements) const noexcept;
  [[nodiscard]] Position behind(const Entry& entry) const noexcept {
    return behind(entry.values, entry.same_fields ? entry.fields : 2 * entry.fields);
  }
  // Where the entry before this place begins; 0 when there is none.
  [[nodiscard]] Position before(Position place) const noexcept;
  // Of the last entry, deleted or not.
  [[nodiscard]] StreamId last_id() const noexcept;

  // --- writing ---
  // Bytes that the entry takes at most in a node that is there, and a new node without it.
  [[nodiscard]] static size_t entry_bytes_max(StreamFields fields) noexcept;
  [[nodiscard]] static size_t master_bytes_max(StreamFields fields) noexcept;
  // A change of the counters makes a block longer by this at most.
  static constexpr size_t counters_growth_max = 20;
  // A node without entries in master_bytes_max().
  static void make(char* block, StreamFields fields) noexcept;
  // Appends an entry, with room for entry_bytes_max() and counters_growth_max.
  static void append(char* block, const StreamId& node_id, const StreamId& id, StreamFields fields) noexcept;
  // Only the entry; set_counters() is to follow.
  static void mark_deleted(char* block, const Entry& entry) noexcept;
  static void set_counters(char* block, uint64_t live, uint64_t deleted) noexcept;

 private:
  Listpack list_;
  StreamId id_;
  uint64_t master_count_ = 0;
  Position master_fields_ = 0;
  Position first_ = 0;
};

}  // namespace torc::ds
