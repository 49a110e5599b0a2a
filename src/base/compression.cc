// A wrapper around liblzf that knows how much shorter the result must be to be of use.
#include "base/compression.h"

#include <lzf.h>

#include <limits>

namespace torc::base {

std::string lzf_compress(std::string_view bytes) {
  constexpr size_t saved_bytes_min = 4;
  std::string out;
  if (bytes.size() <= saved_bytes_min || bytes.size() > std::numeric_limits<unsigned>::max()) return out;
  const auto room = static_cast<unsigned>(bytes.size() - saved_bytes_min);
  out.resize_and_overwrite(room, [bytes](char* to, size_t size) {
    const auto given = static_cast<unsigned>(bytes.size());
    return size_t{::lzf_compress(bytes.data(), given, to, static_cast<unsigned>(size))};
  });
  return out;
}

bool lzf_decompress(std::string_view compressed, char* out, size_t size) noexcept {
  constexpr size_t most = std::numeric_limits<unsigned>::max();
  if (compressed.empty() || compressed.size() > most || size > most) return false;
  const auto given = static_cast<unsigned>(compressed.size());
  return ::lzf_decompress(compressed.data(), given, out, static_cast<unsigned>(size)) == size;
}

}  // namespace torc::base
