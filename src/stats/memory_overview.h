// Where the memory is: what INFO's memory section, MEMORY STATS and MEMORY DOCTOR tell, computed when it is asked for.
// Nothing here walks over keys or clients: databases know their tables, and clients are summed up as the session goes
// round them anyway.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/info.h"

namespace torc::session {
class Session;
}

namespace torc::stats {

struct DatabaseOverhead {
  size_t database;
  uint64_t table_bytes;    // the table, and the headers of its entries
  uint64_t expires_bytes;  // the index of deadlines
};

struct MemoryOverview {
  uint64_t used = 0, peak = 0, startup = 0;
  uint64_t resident = 0;       // of the process
  uint64_t allocator_held = 0;  // what the allocator has of the system, as far as it is resident
  uint64_t clients = 0;
  uint64_t uncounted = 0;  // not counted against maxmemory
  std::vector<DatabaseOverhead> databases;  // those that have keys
  uint64_t overhead = 0;                    // startup, clients and databases
  uint64_t keys = 0;

  [[nodiscard]] uint64_t net() const noexcept { return used > startup ? used - startup : 1; }
  [[nodiscard]] uint64_t dataset() const noexcept { return used > overhead ? used - overhead : 0; }
  [[nodiscard]] double dataset_percent() const noexcept;
  [[nodiscard]] double peak_percent() const noexcept;
  [[nodiscard]] uint64_t bytes_per_key() const noexcept { return keys == 0 ? 0 : net() / keys; }
};

// a / b, 0 when there is no b.
[[nodiscard]] double ratio(uint64_t a, uint64_t b) noexcept;
// a - b, which may be negative.
[[nodiscard]] int64_t difference(uint64_t a, uint64_t b) noexcept;

class MemoryGauge {
 public:
  explicit MemoryGauge(session::Session* session) noexcept : session_(session) {}
  // What is used now was used for starting (INFO's used_memory_startup).
  void started() noexcept;
  [[nodiscard]] MemoryOverview overview() const;
  [[nodiscard]] session::Session& session() const noexcept { return *session_; }
  [[nodiscard]] base::InfoProviders info() const;

 private:
  session::Session* session_;
  uint64_t startup_bytes_ = 0;
};

// MEMORY DOCTOR's text.
[[nodiscard]] std::string memory_report(const MemoryOverview& overview, size_t clients);

}  // namespace torc::stats
