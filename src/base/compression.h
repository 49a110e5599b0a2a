// LZF, the compression of a quicklist's inner nodes.
#pragma once

#include <string>
#include <string_view>

namespace torc::base {

// The compressed form of bytes; empty when it would not be at least four bytes shorter.
[[nodiscard]] std::string lzf_compress(std::string_view bytes);
// Writes exactly `size` bytes to out; false if the compressed form is damaged or of another size.
[[nodiscard]] bool lzf_decompress(std::string_view compressed, char* out, size_t size) noexcept;

}  // namespace torc::base
