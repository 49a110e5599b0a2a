// Walking and changing the runs of the sparse form, registers of the dense one, and the estimate.
#include "ds/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/assert.h"
#include "ds/hyperloglog_kernels.h"
#include "ds/hyperloglog_runs.h"

namespace torc::ds {

namespace {

constexpr std::string_view magic = "HYLL";
constexpr uint8_t sparse_form = 1;
constexpr uint32_t index_bits = 14, hash_bits = 64 - index_bits;
constexpr uint32_t short_zeros_max = 64, zeros_max = 16384, value_run_max = 4;
constexpr uint8_t sparse_value_max = 32;
static_assert(hll_registers == HyperLogLog::registers);

const uint8_t* bytes_of(std::string_view value) noexcept { return reinterpret_cast<const uint8_t*>(value.data()); }

// One run of the sparse form.
struct Run {
  uint32_t registers;
  uint8_t value;
  uint8_t bytes;  // that it takes; 0: there is none
};

// The run at the offset. A long run of zeros whose second byte is missing is none.
inline Run run_at(std::string_view value, size_t offset) noexcept {
  if (offset >= value.size()) return {};
  const auto byte = static_cast<uint8_t>(value[offset]);
  if (byte & 0x80) return {(byte & 3u) + 1, static_cast<uint8_t>((byte >> 2 & 31) + 1), 1};
  if (!(byte & 0x40)) return {(byte & 63u) + 1, 0, 1};
  if (offset + 1 >= value.size()) return {};
  return {((byte & 63u) << 8 | static_cast<uint8_t>(value[offset + 1])) + 1, 0, 2};
}

bool is_value_run(uint8_t byte) noexcept { return byte & 0x80; }
bool is_long_run(uint8_t byte) noexcept { return byte >> 6 == 1; }

char value_run(uint8_t value, uint32_t registers) noexcept {
  return static_cast<char>((value - 1) << 2 | (registers - 1) | 0x80);
}

// As few bytes as possible; nothing for no registers.
void append_run(std::string& runs, uint8_t value, uint32_t registers) {
  if (registers == 0) return;
  if (value != 0) {
    runs += value_run(value, registers);
  } else if (registers <= short_zeros_max) {
    runs += static_cast<char>(registers - 1);
  } else {
    runs += static_cast<char>(0x40 | (registers - 1) >> 8);
    runs += static_cast<char>(registers - 1);
  }
}

// MurmurHash64A with Redis's seed. Its words are little-endian on all machines.
uint64_t murmur_hash(std::string_view bytes) noexcept {
  constexpr uint64_t factor = 0xc6a4a7935bd1e995, seed = 0xadc83b19;
  constexpr int shift = 47;
  uint64_t hash = seed ^ bytes.size() * factor;
  while (bytes.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    word *= factor;
    word ^= word >> shift;
    hash = (hash ^ word * factor) * factor;
    bytes.remove_prefix(8);
  }
  if (!bytes.empty()) {
    uint64_t rest = 0;
    std::memcpy(&rest, bytes.data(), bytes.size());
    hash = (hash ^ rest) * factor;
  }
  hash = (hash ^ hash >> shift) * factor;
  return hash ^ hash >> shift;
}

using Histogram = std::array<uint32_t, hll_values>;

uint64_t word_at(const HyperLogLog::Registers& all, size_t i) noexcept {
  uint64_t word;
  std::memcpy(&word, &all[i], sizeof word);
  return word;
}

double sigma(double x) noexcept {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double before, y = 1, z = x;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (before != z);
  return z;
}

double tau(double x) noexcept {
  if (x == 0 || x == 1) return 0;
  double before, y = 1, z = 1 - x;
  do {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (before != z);
  return z / 3;
}

uint64_t estimate(const Histogram& histogram) noexcept {
  constexpr double alpha = 0.721347520444481703680;  // 1 / (2 ln 2)
  constexpr double m = HyperLogLog::registers;
  double z = m * tau((m - histogram[hash_bits + 1]) / m);
  for (uint32_t i = hash_bits; i >= 1; --i) z = (z + histogram[i]) * 0.5;
  z += m * sigma(histogram[0] / m);
  return static_cast<uint64_t>(std::llroundl(alpha * m * m / z));
}

// Calls visit(first register, run) for all runs; true when they cover exactly all registers. A run of values behind
// them ends the walk.
template <class Visit>
bool for_each_run(std::string_view value, Visit&& visit) {
  uint32_t first = 0;
  size_t offset = HyperLogLog::header_bytes;
  while (offset < value.size()) {
    const Run run = run_at(value, offset);
    if (run.bytes == 0) return false;
    if (run.registers > HyperLogLog::registers - first) return run.value != 0 && first == HyperLogLog::registers;
    visit(first, run);
    first += run.registers;
    offset += run.bytes;
  }
  return first == HyperLogLog::registers;
}

// Joins neighbouring runs of equal values around a change, as far as Redis looks: so that both write the same bytes.
void join_runs(std::string& value, size_t offset) {
  for (int looks = 5; offset < value.size() && looks > 0; --looks) {
    const Run run = run_at(value, offset);
    if (run.bytes == 0) return;
    if (run.value != 0 && offset + 1 < value.size() && is_value_run(static_cast<uint8_t>(value[offset + 1]))) {
      const Run next = run_at(value, offset + 1);
      if (next.value == run.value && run.registers + next.registers <= value_run_max) {
        value[offset + 1] = value_run(run.value, run.registers + next.registers);
        value.erase(offset, 1);
        continue;
      }
    }
    offset += run.bytes;
  }
}

}  // namespace

std::string HyperLogLog::empty() {
  std::string value(header_bytes, '\0');
  value.replace(0, magic.size(), magic);
  value[form_offset] = sparse_form;
  append_run(value, 0, registers);
  static_assert(registers == zeros_max);
  return value;
}

bool HyperLogLog::valid(std::string_view value) noexcept {
  if (value.size() < header_bytes || !value.starts_with(magic)) return false;
  const auto form = static_cast<uint8_t>(value[form_offset]);
  return form == sparse_form || (form == 0 && value.size() == dense_bytes);
}

HyperLogLog::Mark HyperLogLog::mark(std::string_view element) noexcept {
  const uint64_t hash = murmur_hash(element);
  // The bit behind the others ends the count.
  const uint64_t rest = hash >> index_bits | uint64_t{1} << hash_bits;
  return {static_cast<uint32_t>(hash % registers), static_cast<uint8_t>(std::countr_zero(rest) + 1)};
}

std::optional<uint64_t> HyperLogLog::cached_count(std::string_view value) noexcept {
  if (static_cast<uint8_t>(value[cache_flag_offset]) & cache_invalid) return std::nullopt;
  uint64_t count;
  std::memcpy(&count, value.data() + cache_offset, sizeof count);
  return count;
}

std::string HyperLogLog::cache_of(uint64_t count) {
  return std::string(reinterpret_cast<const char*>(&count), sizeof count);
}

bool HyperLogLog::merge(std::string_view value, Registers& into) noexcept {
  if (is_dense(value)) {
    hll_merge_packed(bytes_of(value) + header_bytes, into.data());
    return true;
  }
  return for_each_run(value, [&into](uint32_t first, const Run& run) {
    if (run.value == 0) return;
    for (uint32_t i = first; i < first + run.registers; ++i) into[i] = std::max(into[i], run.value);
  });
}

uint64_t HyperLogLog::count(const Registers& all) noexcept {
  Histogram histogram;
  hll_histogram(all.data(), histogram.data());
  return estimate(histogram);
}

uint32_t HyperLogLog::next_raised(const Registers& all, uint32_t index) noexcept {
  constexpr uint32_t step = sizeof(uint64_t);
  for (; index % step != 0 && index < registers; ++index) {
    if (all[index] != 0) return index;
  }
  for (; index < registers; index += step) {
    const uint64_t word = word_at(all, index);
    static_assert(std::endian::native == std::endian::little);
    if (word != 0) return index + static_cast<uint32_t>(std::countr_zero(word)) / 8;
  }
  return registers;
}

std::optional<uint64_t> HyperLogLog::count(std::string_view value) noexcept {
  if (is_dense(value)) {
    Registers all{};
    hll_merge_packed(bytes_of(value) + header_bytes, all.data());
    return count(all);
  }
  Histogram histogram{};
  const bool sound = hll_count_runs(bytes_of(value) + header_bytes, value.size() - header_bytes, histogram.data());
  return sound ? std::optional(estimate(histogram)) : std::nullopt;
}

void HyperLogLog::invalidate_cache(std::string& value) noexcept {
  value[cache_flag_offset] = static_cast<char>(static_cast<uint8_t>(value[cache_flag_offset]) | cache_invalid);
}

std::string HyperLogLog::dense(std::string_view header, const Registers& all) {
  std::string value(dense_bytes, '\0');
  value.replace(0, header_bytes, header.substr(0, header_bytes));
  value[form_offset] = 0;
  hll_pack(all.data(), reinterpret_cast<uint8_t*>(value.data()) + header_bytes);
  return value;
}

std::string HyperLogLog::describe_runs(std::string_view value) {
  std::string text;
  for (size_t offset = header_bytes; offset < value.size();) {
    const Run run = run_at(value, offset);
    if (run.bytes == 0) break;
    if (!text.empty()) text += ' ';
    text += run.value != 0   ? fmt::format("v:{},{}", run.value, run.registers)
            : run.bytes == 1 ? fmt::format("z:{}", run.registers)
                             : fmt::format("Z:{}", run.registers);
    offset += run.bytes;
  }
  return text;
}

// --- dense ---

namespace {

// The bytes that a register lies in.
struct Place {
  size_t offset;
  uint32_t shift;
  size_t bytes;
};

Place place_of(uint32_t index) noexcept {
  const uint32_t bit = index * 6, shift = bit % 8;
  return {HyperLogLog::header_bytes + bit / 8, shift, shift > 2 ? size_t{2} : size_t{1}};
}

uint16_t load(std::string_view value, const Place& place) noexcept {
  const uint8_t* const bytes = bytes_of(value) + place.offset;
  return static_cast<uint16_t>(bytes[0] | (place.bytes == 2 ? bytes[1] << 8 : 0));
}

}  // namespace

uint8_t HyperLogLog::dense_register(std::string_view value, uint32_t index) noexcept {
  const Place place = place_of(index);
  return load(value, place) >> place.shift & register_max;
}

HyperLogLog::Patch HyperLogLog::dense_patch(std::string_view value, Mark mark) noexcept {
  const Place place = place_of(mark.index);
  const int kept = load(value, place) & ~(register_max << place.shift);
  const int changed = kept | mark.value << place.shift;
  return {place.offset, place.bytes, {static_cast<char>(changed), static_cast<char>(changed >> 8)}};
}

// --- sparse ---

namespace {

// A register's run, and the one before it (if there is none, the register's own).
struct Found {
  HyperLogLog::Spot at, before;
  Run run;
};

// On the way only the lengths of runs matter, and most of them take one byte.
Found walk_runs(std::string_view value, uint32_t index, HyperLogLog::Spot spot) noexcept {
  const uint8_t* const bytes = bytes_of(value);
  HyperLogLog::Spot at = spot, before = spot;
  while (at.offset < value.size()) {
    const uint8_t byte = bytes[at.offset];
    const bool is_long = is_long_run(byte);
    if (is_long && at.offset + 1 >= value.size()) break;
    const uint32_t more = is_long ? (byte & 63u) << 8 | bytes[at.offset + 1] : byte & (is_value_run(byte) ? 3u : 63u);
    if (index <= at.first + more) break;
    before = at;
    at.first += more + 1;
    at.offset += is_long ? 2 : 1;
  }
  return {at, before, run_at(value, at.offset)};
}

// The run before a block's first one lies in the block before.
Found walk_from(std::string_view value, uint32_t index, HyperLogLog::Spot spot) noexcept {
  const HllSkipped skipped = hll_skip_runs(bytes_of(value), value.size(), spot, index);
  const Found found = walk_runs(value, index, skipped.at);
  return found.at.offset == skipped.at.offset ? walk_runs(value, index, skipped.before) : found;
}

// Runs are joined from the one before on, which is not known of the run at the spot itself.
Found find_run(std::string_view value, uint32_t index, HyperLogLog::Spot spot) noexcept {
  if (index >= spot.first) {
    const Found found = walk_from(value, index, spot);
    if (found.at.offset != spot.offset) return found;
  }
  return walk_from(value, index, {});
}

}  // namespace

std::optional<uint8_t> HyperLogLog::sparse_register(std::string_view value, uint32_t index, Spot* spot) noexcept {
  const Found found = walk_from(value, index, {});
  if (spot) *spot = found.before;
  return found.run.bytes != 0 ? std::optional(found.run.value) : std::nullopt;
}

HyperLogLog::Outcome HyperLogLog::raise_sparse(std::string& value, Mark mark, size_t bytes_max, Spot* spot) {
  if (mark.value > sparse_value_max) return Outcome::too_large;
  const auto [at, before, run] = find_run(value, mark.index, spot ? *spot : Spot{});
  const auto [offset, first] = at;
  if (spot) *spot = before;
  if (run.bytes == 0) return Outcome::corrupt;
  if (run.value >= mark.value) return Outcome::unchanged;
  std::string parts;
  append_run(parts, run.value, mark.index - first);
  append_run(parts, mark.value, 1);
  append_run(parts, run.value, first + run.registers - 1 - mark.index);
  if (parts.size() > run.bytes && value.size() + parts.size() - run.bytes > bytes_max) return Outcome::too_large;
  value.replace(offset, run.bytes, parts);
  join_runs(value, before.offset);
  invalidate_cache(value);
  return Outcome::changed;
}

}  // namespace torc::ds
