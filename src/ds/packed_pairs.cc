// Lengths of pairs, walking, and changing the block in place.
#include "ds/packed_pairs.h"

#include <cstring>

#include "base/assert.h"
#include "ds/wanted_text.h"

namespace torc::ds {

namespace {

constexpr uint8_t many = 255;
constexpr uint8_t long_length = 15;
constexpr size_t length_bytes_max = 5;

uint8_t head(size_t field_bytes, size_t value_bytes) noexcept {
  const auto part = [](size_t bytes) { return static_cast<uint8_t>(bytes < long_length ? bytes : long_length); };
  return static_cast<uint8_t>(part(field_bytes) | part(value_bytes) << 4);
}

size_t extension_bytes(size_t bytes) noexcept {
  if (bytes < long_length) return 0;
  size_t extension = 1;
  for (size_t rest = bytes - long_length; rest >= 128; rest >>= 7) ++extension;
  return extension;
}

char* write_extension(char* out, size_t bytes) noexcept {
  if (bytes < long_length) return out;
  size_t rest = bytes - long_length;
  for (; rest >= 128; rest >>= 7) *out++ = static_cast<char>(rest | 128);
  *out++ = static_cast<char>(rest);
  return out;
}

char* write_bytes(char* out, std::string_view bytes) noexcept {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

size_t pair_bytes(std::string_view field, std::string_view value) noexcept {
  return 1 + extension_bytes(field.size()) + extension_bytes(value.size()) + field.size() + value.size();
}

bool read_long_length(std::string_view block, size_t* at, size_t* bytes) noexcept {
  for (size_t i = 0; i < length_bytes_max && *at < block.size(); ++i) {
    const auto byte = static_cast<uint8_t>(block[(*at)++]);
    *bytes += static_cast<size_t>(byte & 127) << (7 * i);
    if (byte < 128) return true;
  }
  return false;
}

// The length that a four-bit part begins; moves `at` behind what belongs to it. False: the block ends before.
[[gnu::always_inline]] inline bool read_length(std::string_view block, size_t* at, uint8_t part,
                                               size_t* bytes) noexcept {
  *bytes = part;
  if (part < long_length) return true;
  // Most of them take one byte more.
  if (*at < block.size() && static_cast<uint8_t>(block[*at]) < 128) {
    *bytes += static_cast<uint8_t>(block[(*at)++]);
    return true;
  }
  return read_long_length(block, at, bytes);
}

struct Lengths {
  size_t begin = 0;  // of the field's bytes
  size_t field = 0, value = 0;
  bool whole = false;  // the pair ends within the block
};

[[gnu::always_inline]] inline Lengths lengths_at(std::string_view block, size_t position) noexcept {
  Lengths lengths;
  const auto parts = static_cast<uint8_t>(block[position]);
  lengths.begin = position + 1;
  if (!read_length(block, &lengths.begin, parts & 15, &lengths.field)) return lengths;
  if (!read_length(block, &lengths.begin, parts >> 4, &lengths.value)) return lengths;
  lengths.whole = lengths.field + lengths.value <= block.size() - lengths.begin;
  return lengths;
}

// How many there are, or enough if there are more than that.
size_t counted(std::string_view block, size_t enough = SIZE_MAX) noexcept {
  size_t pairs = 0;
  const PackedPairs all(block);
  for (auto position = all.first(); position != 0 && pairs < enough; position = all.at(position).next) ++pairs;
  return pairs;
}

// What the first byte says when the number of pairs changes by so many.
uint8_t said_after(std::string_view block, int change) noexcept {
  const auto said = static_cast<uint8_t>(block[0]);
  if (said == many && change >= 0) return many;
  const size_t before = said < many ? said : counted(block, many + 1), after = before + static_cast<size_t>(change);
  return after < many ? static_cast<uint8_t>(after) : many;
}

}  // namespace

bool PackedPairs::valid(std::string_view block) noexcept {
  if (block.empty() || block.size() > bytes_max) return false;
  size_t pairs = 0;
  for (size_t at = empty_bytes; at < block.size(); ++pairs) {
    const Lengths lengths = lengths_at(block, at);
    if (!lengths.whole) return false;
    at = lengths.begin + lengths.field + lengths.value;
  }
  return static_cast<uint8_t>(block[0]) == (pairs < many ? pairs : many);
}

size_t PackedPairs::size() const noexcept {
  const auto pairs = static_cast<uint8_t>(block_[0]);
  return pairs < many ? pairs : counted(block_);
}

PackedPairs::Pair PackedPairs::at(Position position) const noexcept {
  const Lengths lengths = lengths_at(block_, position);
  const size_t end = lengths.begin + lengths.field + lengths.value;
  return {block_.substr(lengths.begin, lengths.field), block_.substr(lengths.begin + lengths.field, lengths.value),
          end < block_.size() ? static_cast<Position>(end) : 0};
}

PackedPairs::Position PackedPairs::find(std::string_view field) const noexcept {
  const WantedText wanted(field);
  for (size_t at = empty_bytes; at < block_.size();) {
    const Lengths lengths = lengths_at(block_, at);
    if (lengths.field == field.size() && wanted.is_at(block_.data() + lengths.begin)) return static_cast<Position>(at);
    at = lengths.begin + lengths.field + lengths.value;
  }
  return 0;
}

PackedPairs::Edit PackedPairs::append(std::string_view field, std::string_view value) const noexcept {
  return {static_cast<Position>(block_.size()), 0, pair_bytes(field, value), 1};
}

PackedPairs::Edit PackedPairs::set_value(Position position, std::string_view value) const noexcept {
  const Pair pair = at(position);
  return {position, pair_bytes(pair.field, pair.value), pair_bytes(pair.field, value), 0};
}

PackedPairs::Edit PackedPairs::erase(Position position) const noexcept {
  const Pair pair = at(position);
  return {position, pair_bytes(pair.field, pair.value), 0, -1};
}

char* PackedPairs::carry_out(char* block, size_t bytes, const Edit& edit) noexcept {
  block[0] = static_cast<char>(said_after({block, bytes}, edit.pairs));
  char* const begin = block + edit.begin;
  std::memmove(begin + edit.inserted, begin + edit.removed, bytes - edit.begin - edit.removed);
  return begin;
}

void PackedPairs::write(char* out, std::string_view field, std::string_view value) noexcept {
  *out++ = static_cast<char>(head(field.size(), value.size()));
  out = write_extension(write_extension(out, field.size()), value.size());
  write_bytes(write_bytes(out, field), value);
}

}  // namespace torc::ds
