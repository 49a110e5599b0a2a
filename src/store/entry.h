// Entry: one key with its value in one allocation, packed. Exactly one slot of a table owns an entry, so it may be
// moved (grown, compacted); whoever wants to find it again holds its key or hash, never its address, beyond one
// command.
//
//   8 bytes   header: type and encoding, flags, access field, lengths of key and inline value
//  [8 bytes]  length of the key, if it is over 255 bytes (a wide entry)
//  [8 bytes]  deadline, if the key can expire
//   n bytes   key
//   value     inline bytes | 8-byte integer | 8-byte pointer to a blob or to an object
//
// Strings are raw bytes or an integer. Small values of other types are packed: one block of a format of their own
// (listpack, intset, packed pairs), inline or in a blob as strings are. Large ones are objects (object.h).
//
// A 16-byte key with a 32-byte value takes 56 bytes, with a deadline 64: one cache line.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/blob.h"

namespace torc::store {

class Object;

enum class Type : uint8_t { string, list, set, zset, hash, stream };
// Names as OBJECT ENCODING reports them.
enum class Encoding : uint8_t { raw, integer, embstr, listpack, intset, quicklist, hashtable, skiplist, stream };

[[nodiscard]] std::string_view type_name(Type type) noexcept;              // "string", "list" ...
[[nodiscard]] std::string_view encoding_name(Encoding encoding) noexcept;  // "raw", "int", "embstr" ...

inline constexpr int64_t no_deadline = -1;
inline constexpr size_t embstr_bytes_max = 44;          // longer strings report "raw"
inline constexpr size_t inline_value_bytes_max = 1023;  // longer strings and packed values live in a blob

// Digits of an integer-encoded string need somewhere to stand.
using IntegerScratch = char[24];

class Entry {
 public:
  [[nodiscard]] Type type() const noexcept { return static_cast<Type>(kind_ & 15); }
  [[nodiscard]] Encoding encoding() const noexcept { return static_cast<Encoding>(kind_ >> 4); }
  [[nodiscard]] std::string_view key() const noexcept { return {key_bytes(), key_size()}; }

  [[nodiscard]] bool can_expire() const noexcept { return flags_ & flag_deadline; }
  // Milliseconds since 1970, or no_deadline.
  [[nodiscard]] int64_t deadline_ms() const noexcept {
    if (!can_expire()) return no_deadline;
    int64_t deadline;
    std::memcpy(&deadline, deadline_bytes(), sizeof deadline);
    return deadline;
  }
  [[nodiscard]] bool overdue(int64_t now_ms) const noexcept { return can_expire() && deadline_ms() < now_ms; }

  // 24 bits: seconds of last access (LRU), or minutes and a logarithmic counter (LFU), as in Redis's robj.
  [[nodiscard]] uint32_t access() const noexcept { return access_[0] | access_[1] << 8 | access_[2] << 16; }
  void set_access(uint32_t value) noexcept {
    access_[0] = static_cast<uint8_t>(value);
    access_[1] = static_cast<uint8_t>(value >> 8);
    access_[2] = static_cast<uint8_t>(value >> 16);
  }

  // --- strings ---
  [[nodiscard]] bool is_integer() const noexcept { return encoding() == Encoding::integer; }
  [[nodiscard]] bool is_blob() const noexcept { return flags_ & flag_blob; }
  [[nodiscard]] int64_t integer() const noexcept;  // asserted: is_integer()
  // The string's bytes; an integer's digits are written into scratch.
  [[nodiscard]] std::string_view string(IntegerScratch& scratch) const noexcept {
    if (kind_ == kind_of(Encoding::raw) || kind_ == kind_of(Encoding::embstr)) {
      if (!is_blob()) return {value_bytes(), value_size_};
    }
    return string_elsewhere(scratch);
  }
  // A further reference to the blob; asserted: is_blob().
  [[nodiscard]] base::BlobRef blob() const noexcept;
  // Brings the blob's head and so many bytes in all on their way; asserted: is_blob().
  void prefetch_blob(size_t bytes) const noexcept;
  [[nodiscard]] size_t string_size() const noexcept;

  // --- other types ---
  [[nodiscard]] bool is_object() const noexcept { return flags_ & flag_object; }
  // Owned by the entry. Who changes it goes through the write gate. Asserted: is_object().
  [[nodiscard]] Object* object() const noexcept;
  // The block of a packed value; asserted: it is one.
  [[nodiscard]] std::string_view packed() const noexcept;

  // Bytes of the allocation and of what the entry alone owns (a blob counts wholly).
  [[nodiscard]] size_t memory_bytes() const noexcept;
  // Bytes that key, header and deadline take: where the value begins.
  [[nodiscard]] size_t value_offset() const noexcept {
    return sizeof(Entry) + (wide() ? 8 : 0) + (can_expire() ? 8 : 0) + key_size();
  }

 private:
  friend class EntryEditor;  // builds and changes entries
  static constexpr uint8_t flag_deadline = 1, flag_wide = 2, flag_blob = 4, flag_object = 16;
  static constexpr uint8_t flags_of_value = flag_blob | flag_object;

  static constexpr uint8_t kind_of(Encoding encoding, Type type = Type::string) {
    return static_cast<uint8_t>(static_cast<uint8_t>(encoding) << 4 | static_cast<uint8_t>(type));
  }

  [[nodiscard]] std::string_view string_elsewhere(IntegerScratch& scratch) const noexcept;
  [[nodiscard]] base::BlobHeader* blob_header() const noexcept;
  [[nodiscard]] std::string_view blob_view() const noexcept;
  [[nodiscard]] bool wide() const noexcept { return flags_ & flag_wide; }
  [[nodiscard]] const char* extension() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] const char* deadline_bytes() const noexcept { return extension() + (wide() ? 8 : 0); }
  [[nodiscard]] const char* key_bytes() const noexcept { return deadline_bytes() + (can_expire() ? 8 : 0); }
  [[nodiscard]] size_t key_size() const noexcept {
    if (!wide()) return key_size_;
    uint64_t size;
    std::memcpy(&size, extension(), sizeof size);
    return size;
  }
  [[nodiscard]] const char* value_bytes() const noexcept { return key_bytes() + key_size(); }

  uint8_t kind_;  // type | encoding << 4
  uint8_t flags_;
  uint8_t access_[3];
  uint8_t key_size_;     // 0 in a wide entry
  uint16_t value_size_;  // bytes that the value takes in the entry: inline bytes, or 8 for an integer or a pointer
};
static_assert(sizeof(Entry) == 8);

}  // namespace torc::store
