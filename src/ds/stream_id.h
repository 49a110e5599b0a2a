// StreamId: the name of a stream's entry: milliseconds and a sequence number within them, ordered as one number of 128
// bits. As text it is "ms-sequence".
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace torc::ds {

struct StreamId {
  uint64_t ms = 0;
  uint64_t sequence = 0;

  friend constexpr auto operator<=>(const StreamId&, const StreamId&) noexcept = default;
  [[nodiscard]] constexpr bool is_zero() const noexcept { return ms == 0 && sequence == 0; }
  [[nodiscard]] static constexpr StreamId max() noexcept { return {UINT64_MAX, UINT64_MAX}; }
  // To the next and the previous one; false at the end of all ids, where it goes round.
  constexpr bool increment() noexcept {
    if (++sequence != 0) return true;
    return ++ms != 0;
  }
  constexpr bool decrement() noexcept {
    if (sequence-- != 0) return true;
    return ms-- != 0;
  }
};

// Characters of the text, at the most.
inline constexpr size_t stream_id_text_max = 41;

// A longer text is no id, whatever it begins with.
inline constexpr size_t stream_id_read_bytes_max = 127;

// Writes "ms-sequence" to out (≥ stream_id_text_max bytes) and returns its length.
size_t format_stream_id(char* out, const StreamId& id) noexcept;

// "ms-sequence" or "ms" alone, which gets the sequence `missing`. Numbers are read as leniently as Redis reads them
// (spaces before, a sign, zeros), and nothing behind a NUL counts.
[[nodiscard]] std::optional<StreamId> parse_stream_id(std::string_view text, uint64_t missing) noexcept;
// The same, where "ms-*" leaves the sequence to be chosen: then *sequence_given is false.
[[nodiscard]] std::optional<StreamId> parse_stream_id(std::string_view text, uint64_t missing,
                                                      bool* sequence_given) noexcept;

}  // namespace torc::ds
