// The encodings, by their first byte:
//   0xxxxxxx                       integer 0..127
//   10xxxxxx                       string of up to 63 bytes
//   110xxxxx +1 byte               integer of 13 bits
//   1110xxxx +1 byte               string of up to 4095 bytes
//   0xF0 +4 bytes                  string
//   0xF1, F2, F3, F4 +2, 3, 4, 8   integer of 16, 24, 32, 64 bits
//   0xFF                           end of the block
#include "ds/listpack.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/assert.h"
#include "base/parse_number.h"
#include "ds/wanted_text.h"

namespace torc::ds {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they stand");

constexpr uint8_t string32 = 0xF0, integer16 = 0xF1, integer24 = 0xF2, integer32 = 0xF3, integer64 = 0xF4;
constexpr uint8_t block_end = 0xFF;
constexpr size_t elements_unknown = 65535;

uint8_t byte_at(const char* at) noexcept { return static_cast<uint8_t>(*at); }

template <class Number>
Number load(const char* at) noexcept {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

template <class Number>
char* store(char* at, Number number) noexcept {
  std::memcpy(at, &number, sizeof number);
  return at + sizeof number;
}

// How a number of `bytes` bytes is written: Redis takes the next length one too early at each limit but the first.
size_t length_bytes(size_t bytes) noexcept {
  if (bytes <= 127) return 1;
  if (bytes < 16383) return 2;
  if (bytes < 2097151) return 3;
  if (bytes < 268435455) return 4;
  return 5;
}

char* write_length(char* out, size_t bytes) noexcept {
  if (bytes <= 127) {
    *out = static_cast<char>(bytes);
    return out + 1;
  }
  const size_t count = length_bytes(bytes);
  for (size_t i = 0; i < count; ++i) {
    const auto bits = static_cast<uint8_t>(bytes >> 7 * (count - 1 - i) & 127);
    *out++ = static_cast<char>(i == 0 ? bits : bits | 128);
  }
  return out;
}

// The length that ends right before `end`; SIZE_MAX when it is none. Reads at most `available` bytes.
size_t read_length(const char* end, size_t available) noexcept {
  size_t length = 0;
  for (size_t i = 0; i < 5 && i < available; ++i) {
    const uint8_t byte = byte_at(end - 1 - i);
    length |= size_t{byte & 127u} << 7 * i;
    if ((byte & 128) == 0) return length;
  }
  return SIZE_MAX;
}

// An element's first bytes, taken apart.
struct Head {
  size_t head_bytes = 0;     // encoding and length; 0: no encoding begins like that
  size_t payload_bytes = 0;  // of a string or of an integer's further bytes
  bool is_string = false;
};

Head integer_head(uint8_t first) noexcept {
  switch (first) {
    case integer16:
      return {1, 2, false};
    case integer24:
      return {1, 3, false};
    case integer32:
      return {1, 4, false};
    case integer64:
      return {1, 8, false};
    default:
      return {};
  }
}

Head head_of(const char* at, size_t available) noexcept {
  const uint8_t first = byte_at(at);
  if (first < 0x80) return {1, 0, false};
  if (first < 0xC0) return {1, first & 63u, true};
  if (first < 0xE0) return {1, 1, false};
  if (first < 0xF0) return available < 2 ? Head{} : Head{2, (first & 15u) << 8 | byte_at(at + 1), true};
  if (first == string32) return available < 5 ? Head{} : Head{5, load<uint32_t>(at + 1), true};
  return integer_head(first);
}

int64_t integer_at(const char* at) noexcept {
  const uint8_t first = byte_at(at);
  if (first < 0x80) return first;
  if (first < 0xE0) {
    const int32_t bits = (first & 31) << 8 | byte_at(at + 1);
    return bits >= 1 << 12 ? bits - (1 << 13) : bits;
  }
  switch (first) {
    case integer16:
      return load<int16_t>(at + 1);
    case integer24:
      return static_cast<int32_t>(uint32_t{load<uint16_t>(at + 1)} << 8 | uint32_t{byte_at(at + 3)} << 24) >> 8;
    case integer32:
      return load<int32_t>(at + 1);
    default:
      return load<int64_t>(at + 1);
  }
}

size_t integer_payload_bytes(int64_t value) noexcept {
  if (value >= 0 && value <= 127) return 1;
  if (value >= -4096 && value <= 4095) return 2;
  if (value >= INT16_MIN && value <= INT16_MAX) return 3;
  if (value >= -8388608 && value <= 8388607) return 4;
  return value >= INT32_MIN && value <= INT32_MAX ? 5 : 9;
}

}  // namespace

// --- ListpackItem ---

ListpackItem::ListpackItem(std::string_view text) noexcept : text_(text) {
  // Most texts do not begin as integers do.
  if (text.empty() || byte_at(text.data()) > '9') return;
  const std::optional<int64_t> integer = base::parse_integer(text);
  is_integer_ = integer.has_value();
  integer_ = integer.value_or(0);
}

size_t ListpackItem::payload_bytes() const noexcept {
  if (is_integer_) return integer_payload_bytes(integer_);
  return text_.size() + (text_.size() < 64 ? 1 : text_.size() < 4096 ? 2 : 5);
}

size_t ListpackItem::bytes() const noexcept {
  const size_t payload = payload_bytes();
  return payload + length_bytes(payload);
}

char* ListpackItem::write_integer(char* out) const noexcept {
  const auto bits = static_cast<uint64_t>(integer_);
  switch (integer_payload_bytes(integer_)) {
    case 1:
      *out++ = static_cast<char>(bits);
      return out;
    case 2:
      *out++ = static_cast<char>(0xC0 | (bits >> 8 & 31));
      *out++ = static_cast<char>(bits);
      return out;
    case 3:
      *out++ = static_cast<char>(integer16);
      return store(out, static_cast<uint16_t>(bits));
    case 4:
      *out++ = static_cast<char>(integer24);
      out = store(out, static_cast<uint16_t>(bits));
      *out++ = static_cast<char>(bits >> 16);
      return out;
    case 5:
      *out++ = static_cast<char>(integer32);
      return store(out, static_cast<uint32_t>(bits));
    default:
      *out++ = static_cast<char>(integer64);
      return store(out, bits);
  }
}

char* ListpackItem::write_text(char* out) const noexcept {
  const size_t size = text_.size();
  if (size < 64) {
    *out++ = static_cast<char>(0x80 | size);
  } else if (size < 4096) {
    *out++ = static_cast<char>(0xE0 | size >> 8);
    *out++ = static_cast<char>(size);
  } else {
    *out++ = static_cast<char>(string32);
    out = store(out, static_cast<uint32_t>(size));
  }
  if (size != 0) std::memcpy(out, text_.data(), size);
  return out + size;
}

char* ListpackItem::write_any(char* out) const noexcept {
  char* const end = is_integer_ ? write_integer(out) : write_text(out);
  return write_length(end, static_cast<size_t>(end - out));
}

// --- reading ---

std::string_view Listpack::Element::string(char (&scratch)[24]) const noexcept {
  return is_integer ? std::string_view(scratch, base::format_integer(scratch, integer)) : text;
}

size_t Listpack::size() const noexcept {
  size_t elements = load<uint16_t>(block_ + 4);
  if (elements != elements_unknown) return elements;
  elements = 0;
  for (Position position = first(); position != 0; position = next(position)) ++elements;
  return elements;
}

Listpack::Position Listpack::first() const noexcept { return empty() ? 0 : header_bytes; }

Listpack::Position Listpack::last() const noexcept { return empty() ? 0 : previous(end()); }

uint32_t Listpack::element_bytes(Position position) const noexcept {
  const Head head = head_of(block_ + position, end() - position);
  const size_t bytes = head.head_bytes + head.payload_bytes;
  return static_cast<uint32_t>(bytes + length_bytes(bytes));
}

Listpack::Position Listpack::next(Position position) const noexcept {
  const Position following = position + element_bytes(position);
  return following == end() ? 0 : following;
}

Listpack::Position Listpack::previous(Position position) const noexcept {
  if (position == header_bytes) return 0;
  const size_t bytes = read_length(block_ + position, position - header_bytes);
  return position - static_cast<Position>(bytes + length_bytes(bytes));
}

Listpack::Position Listpack::at(int64_t index) const noexcept {
  const size_t known = load<uint16_t>(block_ + 4);
  if (known != elements_unknown) {
    const auto elements = static_cast<int64_t>(known);
    if (index < -elements || index >= elements) return 0;
    // From the nearer end.
    if (index >= 0 && index > elements / 2) index -= elements;
    if (index < -elements / 2 - 1) index += elements;
  }
  Position position = index >= 0 ? first() : last();
  for (; index > 0 && position != 0; --index) position = next(position);
  for (; index < -1 && position != 0; ++index) position = previous(position);
  return position;
}

Listpack::Element Listpack::get(Position position) const noexcept {
  const char* const at = block_ + position;
  const Head head = head_of(at, end() - position);
  if (head.is_string) return {{at + head.head_bytes, head.payload_bytes}, 0, false};
  return {{}, integer_at(at), true};
}

Listpack::Position Listpack::read(Position position, Element* element) const noexcept {
  const char* const at = block_ + position;
  const Head head = head_of(at, end() - position);
  if (head.is_string) {
    *element = {{at + head.head_bytes, head.payload_bytes}, 0, false};
  } else {
    *element = {{}, integer_at(at), true};
  }
  const size_t bytes = head.head_bytes + head.payload_bytes;
  const Position following = position + static_cast<Position>(bytes + length_bytes(bytes));
  return following == end() ? 0 : following;
}

Listpack::Element Listpack::take_any(Position* position) const noexcept {
  const char* const at = block_ + *position;
  const Head head = head_of(at, end() - *position);
  const size_t bytes = head.head_bytes + head.payload_bytes;
  *position += static_cast<Position>(bytes + length_bytes(bytes));
  if (head.is_string) return {{at + head.head_bytes, head.payload_bytes}, 0, false};
  return {{}, integer_at(at), true};
}

bool Listpack::equal(const Element& element, const ListpackItem& item) noexcept {
  if (element.is_integer) return item.is_integer() && element.integer == item.integer();
  // A block from elsewhere may hold digits as text.
  char digits[24];
  const Element wanted{item.text(), item.integer(), item.is_integer() && item.text().empty()};
  return element.text == wanted.string(digits);
}

std::vector<Listpack::Position> Listpack::places_of(const ListpackItem& item, uint64_t most, bool from_back) const {
  std::vector<Position> found;
  Position position = from_back ? last() : first();
  while (position != 0 && (most == 0 || found.size() < most)) {
    if (equal(position, item)) found.push_back(position);
    position = from_back ? previous(position) : next(position);
  }
  if (!from_back) std::ranges::reverse(found);
  return found;
}

Listpack::Position Listpack::behind(Position position) const noexcept {
  const uint8_t first = byte_at(block_ + position);
  if (first < 0x80) return position + 2;
  return first < 0xC0 ? position + (first & 63u) + 2 : position + element_bytes(position);
}

Listpack::Position Listpack::find(Position position, const ListpackItem& item, uint32_t skipped) const noexcept {
  if (position == 0) return 0;
  const Position behind_all = end();
  const bool is_short = !item.is_integer() && item.text().size() < 64;
  // A short text is mostly told by its first byte; a block from elsewhere may hold it in a longer encoding. No element
  // begins with block_end.
  const WantedText wanted(is_short ? item.text() : std::string_view());
  const uint8_t head = is_short ? static_cast<uint8_t>(0x80 | wanted.size()) : block_end;
  for (;;) {
    const uint8_t first = byte_at(block_ + position);
    const bool may_be = !is_short || first >= 0xC0;
    if (first == head ? wanted.is_at(block_ + position + 1) : may_be && equal(position, item)) return position;
    for (uint32_t i = 0; i <= skipped; ++i) {
      position = behind(position);
      if (position == behind_all) return 0;
    }
  }
}

bool Listpack::valid(std::string_view block) noexcept {
  if (block.size() < empty_bytes || block.size() > UINT32_MAX) return false;
  if (load<uint32_t>(block.data()) != block.size() || byte_at(&block.back()) != block_end) return false;
  const char* at = block.data() + header_bytes;
  const char* const end = block.data() + block.size() - 1;
  size_t elements = 0;
  for (; at != end; ++elements) {
    const auto available = static_cast<size_t>(end - at);
    const Head head = head_of(at, available);
    const size_t bytes = head.head_bytes + head.payload_bytes;
    if (head.head_bytes == 0 || bytes + length_bytes(bytes) > available) return false;
    at += bytes + length_bytes(bytes);
    if (read_length(at, length_bytes(bytes)) != bytes) return false;
  }
  const size_t counted = load<uint16_t>(block.data() + 4);
  return counted == elements_unknown || counted == elements;
}

// --- writing ---

void Listpack::make_empty(char* block) noexcept {
  store(store(block, uint32_t{empty_bytes}), uint16_t{0});
  block[header_bytes] = static_cast<char>(block_end);
}

ListpackEdit Listpack::insert(Position position, size_t bytes, int32_t elements) const noexcept {
  return {position == 0 ? end() : position, 0, static_cast<uint32_t>(bytes), elements};
}

ListpackEdit Listpack::replace(Position position, size_t bytes) const noexcept {
  return {position, element_bytes(position), static_cast<uint32_t>(bytes), 0};
}

ListpackEdit Listpack::erase(Position position, uint32_t elements) const noexcept {
  Position behind = position;
  int32_t erased = 0;
  for (; elements > 0 && behind != end(); --elements, ++erased) behind += element_bytes(behind);
  return {position, behind - position, 0, -erased};
}

char* Listpack::splice(char* block, const ListpackEdit& edit) noexcept {
  const Listpack old(block);
  const size_t bytes = old.bytes(), after = old.bytes_after(edit);
  TORC_ASSERT(edit.begin >= header_bytes && edit.begin + edit.removed < bytes && after <= UINT32_MAX);
  char* const gap = block + edit.begin;
  if (edit.inserted != edit.removed) {
    std::memmove(gap + edit.inserted, gap + edit.removed, bytes - edit.begin - edit.removed);
  }
  update_header(block, after, edit.elements);
  return gap;
}

char* Listpack::splice_before(char* block, const ListpackEdit& edit) noexcept {
  const Listpack old(block);
  const size_t bytes = old.bytes(), after = old.bytes_after(edit);
  TORC_ASSERT(edit.begin >= header_bytes && edit.begin + edit.removed < bytes && after <= UINT32_MAX);
  char* const begin = block + edit.removed - edit.inserted;
  std::memmove(begin, block, edit.begin);
  update_header(begin, after, edit.elements);
  return begin + edit.begin;
}

void Listpack::extend(char* block, char* end, size_t elements) noexcept {
  *end = static_cast<char>(block_end);
  update_header(block, static_cast<size_t>(end + 1 - block), static_cast<int32_t>(elements));
}

void Listpack::update_header(char* block, size_t bytes, int32_t elements) noexcept {
  const size_t known = load<uint16_t>(block + 4);
  store(block, static_cast<uint32_t>(bytes));
  if (known == elements_unknown) return;
  store(block + 4, static_cast<uint16_t>(std::min(known + static_cast<size_t>(elements), elements_unknown)));
}

void ListpackBuilder::append(const ListpackItem& item) {
  const size_t bytes = item.bytes();
  const ListpackEdit edit = Listpack(block_.data()).insert(0, bytes);
  block_.resize(block_.size() + bytes);
  item.write(Listpack::splice(block_.data(), edit));
}

}  // namespace torc::ds
