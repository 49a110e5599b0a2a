// Glob patterns as KEYS, SCAN, CONFIG GET, PSUBSCRIBE and ACL rules know them:
//   *  any bytes, also none      ?  one byte      [a-z] [^abc]  one byte (not) of a set      \x  the byte x itself
// The corners are Redis's: a set that is not closed ends with the pattern, the ends of a range may stand in either
// order, bytes compare as signed in ranges, an escaped byte within a set is compared with case, a pattern of stars
// alone does not match the empty text, and more than 1000 separate stars match nothing.
//
// The work is bounded by the product of both lengths, without recursion: when a mismatch is met only the last star
// needs to take more, since a longer match of an earlier one could only reach places that the last one has tried.
#pragma once

#include <string_view>

namespace torc::ds {

enum class GlobCase : bool { sensitive, insensitive };

[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text,
                              GlobCase letters = GlobCase::sensitive) noexcept;

// Whether the pattern can match only the text that is equal to it (no *, ?, [ or \): then a lookup replaces a search.
[[nodiscard]] bool glob_is_literal(std::string_view pattern) noexcept;

}  // namespace torc::ds
