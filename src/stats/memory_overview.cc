// mimalloc commits memory in segments of 32 MiB, long before it is touched; what is resident of that is what counts, so
// the smaller of both stands for jemalloc's "active" and "resident".
#include "stats/memory_overview.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/memory.h"
#include "io/process.h"
#include "session/session.h"

namespace torc::stats {

namespace {

void write_bytes(base::InfoWriter& out, const std::string& name, uint64_t bytes) {
  out.unsigned_integer(name, bytes);
  out.text(name + "_human", base::human_bytes(bytes));
}

void write(const MemoryOverview& memory, base::InfoWriter& out) {
  write_bytes(out, "used_memory", memory.used);
  write_bytes(out, "used_memory_rss", memory.resident);
  write_bytes(out, "used_memory_peak", memory.peak);
  out.text("used_memory_peak_perc", fmt::format("{:.2f}%", memory.peak_percent()));
  out.unsigned_integer("used_memory_overhead", memory.overhead);
  out.unsigned_integer("used_memory_startup", memory.startup);
  out.unsigned_integer("used_memory_dataset", memory.dataset());
  out.text("used_memory_dataset_perc", fmt::format("{:.2f}%", memory.dataset_percent()));
  out.unsigned_integer("allocator_allocated", memory.used);
  out.unsigned_integer("allocator_active", memory.allocator_held);
  out.unsigned_integer("allocator_resident", memory.allocator_held);
  write_bytes(out, "total_system_memory", io::system_memory_bytes());
  out.decimal("allocator_frag_ratio", ratio(memory.allocator_held, memory.used), 2);
  out.integer("allocator_frag_bytes", difference(memory.allocator_held, memory.used));
  out.decimal("allocator_rss_ratio", 1, 2);
  out.integer("allocator_rss_bytes", 0);
  out.decimal("rss_overhead_ratio", ratio(memory.resident, memory.allocator_held), 2);
  out.integer("rss_overhead_bytes", difference(memory.resident, memory.allocator_held));
  out.decimal("mem_fragmentation_ratio", ratio(memory.resident, memory.used), 2);
  out.integer("mem_fragmentation_bytes", difference(memory.resident, memory.used));
  out.unsigned_integer("mem_not_counted_for_evict", memory.uncounted);
  out.unsigned_integer("mem_clients_normal", memory.clients);
  out.text("mem_allocator", "mimalloc");
}

}  // namespace

double ratio(uint64_t a, uint64_t b) noexcept { return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b); }

int64_t difference(uint64_t a, uint64_t b) noexcept { return static_cast<int64_t>(a) - static_cast<int64_t>(b); }

double MemoryOverview::dataset_percent() const noexcept { return ratio(dataset(), net()) * 100; }

double MemoryOverview::peak_percent() const noexcept { return ratio(used, peak) * 100; }

void MemoryGauge::started() noexcept { startup_bytes_ = base::used_bytes(); }

MemoryOverview MemoryGauge::overview() const {
  MemoryOverview memory;
  memory.used = base::used_bytes();
  session::SessionStatistics& statistics = session_->statistics();
  statistics.used_memory_peak = std::max(statistics.used_memory_peak, memory.used);
  memory.peak = statistics.used_memory_peak;
  memory.startup = startup_bytes_;
  memory.uncounted = session_->eviction().uncounted_bytes();
  memory.resident = io::resident_bytes();
  memory.allocator_held = std::max(std::min(base::committed_bytes(), memory.resident), memory.used);
  memory.clients = session_->client_memory().bounded_bytes();
  memory.overhead = memory.startup + memory.clients;
  for (size_t i = 0; i < session_->keyspace().databases(); ++i) {
    const store::Database& database = session_->keyspace().database(i);
    if (database.size() == 0) continue;
    memory.keys += database.size();
    memory.databases.push_back({i, database.table_bytes() + database.size() * sizeof(store::Entry),
                                database.expires_bytes()});
    memory.overhead += memory.databases.back().table_bytes + memory.databases.back().expires_bytes;
  }
  return memory;
}

base::InfoProviders MemoryGauge::info() const {
  base::InfoProviders providers;
  providers.push_back({"memory", [this](base::InfoWriter& out) { write(overview(), out); }});
  return providers;
}

}  // namespace torc::stats
