// Rows of INFO. The part that owns a figure writes its line; src/server gathers the sections in Redis's order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace torc::base {

// Collects "name:value\r\n" lines.
class InfoWriter {
 public:
  void text(std::string_view name, std::string_view value);
  void integer(std::string_view name, int64_t value);
  void unsigned_integer(std::string_view name, uint64_t value);
  // Fixed decimals, as C's %.*f.
  void decimal(std::string_view name, double value, int digits);
  [[nodiscard]] const std::string& lines() const noexcept { return lines_; }
  [[nodiscard]] std::string take() noexcept { return std::move(lines_); }

 private:
  std::string lines_;
};

// One contribution to a section; several parts may contribute to the same one, in the order of registration.
struct InfoRows {
  std::string section;             // lower case, e.g. "memory"
  std::function<void(InfoWriter&)> write;
};

using InfoProviders = std::vector<InfoRows>;

// 1536 → "1.50K", as INFO prints used_memory_human.
[[nodiscard]] std::string human_bytes(uint64_t bytes);

}  // namespace torc::base
