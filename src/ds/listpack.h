// Listpack: a sequence of strings and integers in one block, for lists, hashes, sets and sorted sets that are small.
//
//   4 bytes  size of the block, all included      (numbers are little-endian)
//   2 bytes  elements; 65535: more than fit here, they have to be counted
//   n elements
//   1 byte   0xFF
//
// An element is an encoding byte with a part of the length or value in it, the rest of them, the bytes of a string, and
// at the end the length of all that, seven bits a byte, so that it can be read from behind. It is Redis's own format,
// because RDB files and RESTORE carry such blocks as they are. Strings that are the canonical form of an integer are
// stored as one.
//
// Whoever owns the block (an entry, a node of a list) has to know of its size, so nothing here makes room. Reading is a
// view (Listpack); writing is planned first (ListpackEdit), then the owner makes room, then splice() opens the gap and
// ListpackItem::write() fills it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace torc::ds {

// An element to be written or looked for: a string and what integer it is, parsed once.
class ListpackItem {
 public:
  // The text must outlive the item.
  explicit ListpackItem(std::string_view text) noexcept;
  explicit ListpackItem(int64_t integer) noexcept : integer_(integer), is_integer_(true) {}
  [[nodiscard]] bool is_integer() const noexcept { return is_integer_; }
  [[nodiscard]] int64_t integer() const noexcept { return integer_; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }  // empty if made from an integer

  // Bytes of the element.
  [[nodiscard]] size_t bytes() const noexcept;
  // Writes bytes() bytes and returns the end.
  char* write(char* out) const noexcept {
    if (!is_integer_ || static_cast<uint64_t>(integer_) > small_integer_max) return write_any(out);
    out[0] = static_cast<char>(integer_);
    out[1] = 1;
    return out + 2;
  }
  // Integers that are their own encoding.
  static constexpr uint64_t small_integer_max = 127;

 private:
  char* write_any(char* out) const noexcept;
  [[nodiscard]] size_t payload_bytes() const noexcept;
  char* write_integer(char* out) const noexcept;
  char* write_text(char* out) const noexcept;

  std::string_view text_;
  int64_t integer_ = 0;
  bool is_integer_ = false;
};

// A change of a block: `removed` bytes from `begin` on make way for `inserted` ones.
struct ListpackEdit {
  uint32_t begin = 0;
  uint32_t removed = 0;
  uint32_t inserted = 0;
  int32_t elements = 0;  // by how many their number changes
};

class Listpack {
 public:
  static constexpr size_t header_bytes = 6;
  static constexpr size_t empty_bytes = 7;
  static constexpr size_t bytes_max = size_t{1} << 30;  // more is not to be made: Redis's safety limit
  // What an element is before it is looked at: the offset of its first byte. 0: none.
  using Position = uint32_t;
  struct Element {
    std::string_view text;  // of a string
    int64_t integer = 0;
    bool is_integer = false;
    // The text, an integer's digits written into scratch.
    [[nodiscard]] std::string_view string(char (&scratch)[24]) const noexcept;
  };

  // A well-formed block (valid(), or made here) that outlives the view and does not change meanwhile.
  explicit Listpack(const char* block) noexcept : block_(block) {}
  // For blocks from outside: true when every element lies within the block and the header tells the truth.
  [[nodiscard]] static bool valid(std::string_view block) noexcept;
  // Writes an empty block of empty_bytes.
  static void make_empty(char* block) noexcept;

  [[nodiscard]] size_t bytes() const noexcept {
    uint32_t bytes;
    std::memcpy(&bytes, block_, sizeof bytes);
    return bytes;
  }
  [[nodiscard]] size_t size() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return bytes() == empty_bytes; }

  [[nodiscard]] Position first() const noexcept;
  [[nodiscard]] Position last() const noexcept;
  [[nodiscard]] Position next(Position position) const noexcept;
  [[nodiscard]] Position previous(Position position) const noexcept;
  // By index, from the end if it is negative (-1 is the last); 0 when there is no such element.
  [[nodiscard]] Position at(int64_t index) const noexcept;
  [[nodiscard]] Element get(Position position) const noexcept;
  // The element and what next() gives, at once.
  Position read(Position position, Element* element) const noexcept;
  // The element, and *position moves behind it: to the next element, or to end() after the last.
  Element take(Position* position) const noexcept {
    const char* const at = block_ + *position;
    const auto first = static_cast<uint8_t>(*at);
    if (first <= ListpackItem::small_integer_max) {
      *position += 2;
      return {{}, first, true};
    }
    if (first >= 0xC0) return take_any(position);
    const size_t size = first & 63u;
    *position += static_cast<Position>(size + 2);
    return {{at + 1, size}, 0, false};
  }
  [[nodiscard]] Position end() const noexcept { return static_cast<Position>(bytes()) - 1; }
  // The first element from `position` on that equals the item, looking at one, skipping `skipped` and so on; 0: none.
  [[nodiscard]] Position find(Position position, const ListpackItem& item, uint32_t skipped = 0) const noexcept;
  [[nodiscard]] bool equal(Position position, const ListpackItem& item) const noexcept {
    return equal(get(position), item);
  }
  [[nodiscard]] static bool equal(const Element& element, const ListpackItem& item) noexcept;
  // All elements that equal the item, or as many as `most` says (0: all) from the front or from the back on; always the
  // last one first, so that they can be erased one by one.
  [[nodiscard]] std::vector<Position> places_of(const ListpackItem& item, uint64_t most, bool from_back) const;

  // --- plans; `bytes` are what the new elements take together ---
  // Before the element at the position, or at the end for 0.
  [[nodiscard]] ListpackEdit insert(Position position, size_t bytes, int32_t elements = 1) const noexcept;
  [[nodiscard]] ListpackEdit replace(Position position, size_t bytes) const noexcept;
  // `elements` from the position on; as many as there are if that is less.
  [[nodiscard]] ListpackEdit erase(Position position, uint32_t elements = 1) const noexcept;
  [[nodiscard]] size_t bytes_after(const ListpackEdit& edit) const noexcept {
    return bytes() - edit.removed + edit.inserted;
  }
  // Carries the plan out in a block with room for max(bytes(), bytes_after()): header and end are right afterwards, and
  // the `inserted` bytes at the returned address are to be written with elements.
  static char* splice(char* block, const ListpackEdit& edit) noexcept;
  // The same by moving what stands before the gap, for a block with room before it (or which may leave room there): it
  // begins `inserted` bytes earlier and `removed` bytes later afterwards.
  static char* splice_before(char* block, const ListpackEdit& edit) noexcept;
  // Elements were written from the block's old end up to `end`, and one byte is left there: makes them its own.
  static void extend(char* block, char* end, size_t elements) noexcept;

 private:
  static void update_header(char* block, size_t bytes, int32_t elements) noexcept;
  [[nodiscard]] uint32_t element_bytes(Position position) const noexcept;
  // The next element, or end().
  [[nodiscard]] Position behind(Position position) const noexcept;
  Element take_any(Position* position) const noexcept;

  const char* block_;
};

// Puts blocks together, for conversions and tests.
class ListpackBuilder {
 public:
  ListpackBuilder() : block_(Listpack::empty_bytes, '\0') { Listpack::make_empty(block_.data()); }
  void append(const ListpackItem& item);
  void append(std::string_view text) { append(ListpackItem(text)); }
  void append(int64_t integer) { append(ListpackItem(integer)); }
  [[nodiscard]] const std::string& block() const noexcept { return block_; }

 private:
  std::string block_;
};

}  // namespace torc::ds
