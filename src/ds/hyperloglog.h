// HyperLogLog: how many different elements were seen, in 12 KiB at the most, within some 0.8 %. The values are Redis's
// own, byte for byte, because clients copy them between servers as strings.
//
//   4 bytes  "HYLL"
//   1 byte   form: 0 dense, 1 sparse
//   3 bytes  unused
//   8 bytes  the last estimate, little-endian; not valid any more if the highest bit is set
//   dense    16384 registers of 6 bits, the first one in the lowest bits
//   sparse   runs:  00nnnnnn            n+1 registers are 0
//                   01nnnnnn nnnnnnnn   n+1 registers are 0
//                   1vvvvvnn            n+1 registers are v+1
//
// An element sets the register that the low 14 bits of its hash choose (MurmurHash64A, Appleby) to the number of zero
// bits behind them, plus one, if it was less. The estimate is Ertl's (arXiv:1702.01284), as Redis computes it.
//
// Values come from outside, too: sparse runs are checked wherever they are walked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torc::ds {

class HyperLogLog {
 public:
  static constexpr uint32_t registers = 16384;
  static constexpr size_t header_bytes = 16;
  static constexpr size_t dense_bytes = header_bytes + registers * 6 / 8;
  static constexpr uint8_t register_max = 63;
  // One byte a register, to merge and to count.
  using Registers = std::array<uint8_t, registers>;
  // What an element does.
  struct Mark {
    uint32_t index;
    uint8_t value;
  };

  // The value of no elements: sparse.
  [[nodiscard]] static std::string empty();
  // Header and size are right (the runs of a sparse one are not looked at).
  [[nodiscard]] static bool valid(std::string_view value) noexcept;
  [[nodiscard]] static Mark mark(std::string_view element) noexcept;

  // --- a valid() value ---
  [[nodiscard]] static bool is_dense(std::string_view value) noexcept { return value[form_offset] == 0; }
  [[nodiscard]] static std::optional<uint64_t> cached_count(std::string_view value) noexcept;
  // What stands in the header for an estimate, and the byte that says that there is none.
  static constexpr size_t form_offset = 4, cache_offset = 8, cache_flag_offset = 15;
  [[nodiscard]] static std::string cache_of(uint64_t count);
  static constexpr uint8_t cache_invalid = 0x80;

  // Each register becomes the larger one of both; false: the runs are corrupt. As in Redis, a run of values behind the
  // last register ends a merge, with whatever follows, but makes a count fail.
  [[nodiscard]] static bool merge(std::string_view value, Registers& into) noexcept;
  [[nodiscard]] static uint64_t count(const Registers& all) noexcept;
  // The first register from `index` on that is not 0; `registers` if there is none.
  [[nodiscard]] static uint32_t next_raised(const Registers& all, uint32_t index) noexcept;
  // nullopt: the runs are corrupt.
  [[nodiscard]] static std::optional<uint64_t> count(std::string_view value) noexcept;
  // A dense value with these registers; the rest of the header (and with it the estimate) is that of `header`.
  [[nodiscard]] static std::string dense(std::string_view header, const Registers& all);
  static void invalidate_cache(std::string& value) noexcept;
  // The runs as PFDEBUG DECODE shows them.
  [[nodiscard]] static std::string describe_runs(std::string_view value);

  // --- dense: a register lies in one byte or two ---
  [[nodiscard]] static uint8_t dense_register(std::string_view value, uint32_t index) noexcept;
  struct Patch {
    size_t offset;
    size_t bytes;
    char data[2];
  };
  // What has to be written to set the register.
  [[nodiscard]] static Patch dense_patch(std::string_view value, Mark mark) noexcept;

  // --- sparse ---
  enum class Outcome : uint8_t { unchanged, changed, too_large, corrupt };
  // Where a search may begin: a run and its first register.
  struct Spot {
    size_t offset = header_bytes;
    uint32_t first = 0;
  };
  // nullopt: the runs end before it. The spot becomes that of the run before the register's.
  [[nodiscard]] static std::optional<uint8_t> sparse_register(std::string_view value, uint32_t index,
                                                              Spot* spot = nullptr) noexcept;
  // Raises a register. too_large: it, or the value, does not fit the sparse form, and nothing is changed. The search
  // begins at the spot, which is that of the run before the register from then on: good for this register and later
  // ones until something else changes the value.
  static Outcome raise_sparse(std::string& value, Mark mark, size_t bytes_max, Spot* spot = nullptr);

  HyperLogLog() = delete;
};

}  // namespace torc::ds
