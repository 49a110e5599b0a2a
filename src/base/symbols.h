// Names of the functions in this executable, for stack traces: from its own symbol table, which also has what is not
// exported. Loaded once at start; asking allocates nothing and calls nothing, so a signal handler may.
#pragma once

#include <cstddef>
#include <cstdint>

namespace torc::base {

struct Symbol {
  const char* name = nullptr;  // mangled; null: unknown
  uint64_t offset = 0;         // of the address from the symbol's beginning
};

class Symbols {
 public:
  Symbols() noexcept;  // without a table (stripped, no /proc) nothing is found
  ~Symbols();
  Symbols(const Symbols&) = delete;
  Symbols& operator=(const Symbols&) = delete;
  [[nodiscard]] Symbol find(const void* address) const noexcept;

 private:
  void find_table() noexcept;
  const char* file_ = nullptr;
  size_t size_ = 0;
  uint64_t base_ = 0;  // where the executable was loaded
  const char* table_ = nullptr;
  size_t table_size_ = 0;
  const char* names_ = nullptr;
  size_t names_size_ = 0;
};

}  // namespace torc::base
