// Ids as text. Nearly all are two canonical numbers; what else Redis lets through is left to strtoull, which it asks
// too.
#include "ds/stream_id.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/c_text.h"
#include "base/parse_number.h"

namespace torc::ds {

namespace {

// As strtoull reads the whole text; asserted by the caller: at most stream_id_read_bytes_max bytes without a NUL.
std::optional<uint64_t> parse_leniently(std::string_view text) noexcept {
  // A negative number that reads as a plain integer is refused, while strtoull would wrap it round.
  if (text.empty() || base::parse_integer(text)) return std::nullopt;
  char copy[stream_id_read_bytes_max + 1];
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  errno = 0;
  char* end = nullptr;
  const uint64_t number = std::strtoull(copy, &end, 10);
  if (errno == EINVAL || errno == ERANGE || *end != '\0') return std::nullopt;
  return number;
}

std::optional<uint64_t> parse_part(std::string_view text) noexcept {
  const auto number = base::parse_unsigned(text);
  return number ? number : parse_leniently(text);
}

}  // namespace

size_t format_stream_id(char* out, const StreamId& id) noexcept {
  size_t size = base::format_unsigned(out, id.ms);
  out[size++] = '-';
  return size + base::format_unsigned(out + size, id.sequence);
}

std::optional<StreamId> parse_stream_id(std::string_view text, uint64_t missing, bool* sequence_given) noexcept {
  if (text.size() > stream_id_read_bytes_max) return std::nullopt;
  text = base::c_text(text);
  const size_t dash = text.find('-');
  const auto ms = parse_part(text.substr(0, dash));
  if (!ms) return std::nullopt;
  if (sequence_given) *sequence_given = true;
  if (dash == std::string_view::npos) return StreamId{*ms, missing};
  const std::string_view behind = text.substr(dash + 1);
  if (sequence_given && behind == "*") {
    *sequence_given = false;
    return StreamId{*ms, 0};
  }
  const auto sequence = parse_part(behind);
  if (!sequence) return std::nullopt;
  return StreamId{*ms, *sequence};
}

std::optional<StreamId> parse_stream_id(std::string_view text, uint64_t missing) noexcept {
  return parse_stream_id(text, missing, nullptr);
}

}  // namespace torc::ds
