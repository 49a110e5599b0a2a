// What the table and the deadline index cost: lookups with and without looking ahead, growth, erasing, scanning, and
// bytes per item. Items look like the keyspace's: one block of 64 bytes with a 16-byte key, hashed with SipHash-1-3.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "ds/deadline_index.h"
#include "ds/histogram.h"
#include "ds/table.h"

namespace torc::ds {
namespace {

constexpr size_t key_bytes = 16;

struct alignas(64) Entry {
  uint64_t header;
  char key[key_bytes];
  char value[40];
};

struct EntryTraits {
  using Item = Entry;
  using Key = std::string_view;
  base::HashKey hash_key{0x0123456789abcdef, 0xfedcba9876543210};
  [[nodiscard]] uint64_t hash(const Item& item) const { return base::siphash13(hash_key, {item.key, key_bytes}); }
  [[nodiscard]] bool equal(const Item& item, const Key& key) const {
    return key.size() == key_bytes && std::memcmp(item.key, key.data(), key_bytes) == 0;
  }
};

using EntryTable = Table<EntryTraits>;

void write_key(char* out, uint64_t number) {
  std::memcpy(out, "key:000000000000", key_bytes);
  for (size_t i = key_bytes; number != 0; number /= 10) out[--i] = static_cast<char>('0' + number % 10);
}

size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  size_t total_pages = 0;
  size_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * 4096;
}

// CPU time per operation, where an iteration does so many.
benchmark::Counter per(size_t operations) {
  return {static_cast<double>(operations), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert};
}

// A table with items in an arena that is not the allocator's, so that what the allocator holds is the table.
class Filled {
 public:
  explicit Filled(size_t items) : items_(items), entries_(new Entry[items]) {
    for (size_t i = 0; i < items; ++i) write_key(entries_[i].key, i);
  }
  ~Filled() {
    table.clear([](Entry*) {});
  }
  void insert(size_t number) {
    Entry* const entry = &entries_[number];
    table.insert(table.traits().hash(*entry), entry);
  }
  void insert_all() {
    for (size_t i = 0; i < items_; ++i) insert(i);
  }
  [[nodiscard]] size_t items() const { return items_; }

  EntryTable table;

 private:
  size_t items_;
  std::unique_ptr<Entry[]> entries_;
};

Filled& filled(size_t items) {
  static std::unique_ptr<Filled> latest;
  if (!latest || latest->items() != items) {
    latest.reset();
    latest = std::make_unique<Filled>(items);
    latest->insert_all();
  }
  return *latest;
}

struct Request {
  uint64_t hash;
  char key[key_bytes];
  [[nodiscard]] std::string_view view() const { return {key, key_bytes}; }
};

// One batch of requests for random keys; misses ask for numbers that are not there.
void make_requests(std::vector<Request>& requests, const Filled& from, base::Random& random, bool hit) {
  for (Request& request : requests) {
    write_key(request.key, random.below(from.items()) + (hit ? 0 : from.items()));
    request.hash = base::siphash13(from.table.traits().hash_key, request.view());
  }
}

// Arguments: items, hit, requests in a batch that is looked ahead over (1: no looking ahead).
void find(benchmark::State& state) {
  const Filled& from = filled(static_cast<size_t>(state.range(0)));
  base::Random random(1);
  std::vector<Request> requests(1024);
  const auto batch = static_cast<size_t>(state.range(2));
  uint64_t found = 0;
  for (auto _ : state) {
    state.PauseTiming();
    make_requests(requests, from, random, state.range(1) != 0);
    state.ResumeTiming();
    for (size_t first = 0; first < requests.size(); first += batch) {
      const size_t end = first + batch;
      if (batch > 1) {
        for (size_t i = first; i < end; ++i) from.table.prefetch_bucket(requests[i].hash);
        for (size_t i = first; i < end; ++i) from.table.prefetch_items(requests[i].hash);
      }
      for (size_t i = first; i < end; ++i) found += from.table.find(requests[i].hash, requests[i].view()).found ? 1 : 0;
    }
  }
  if (found != (state.range(1) != 0 ? state.iterations() * requests.size() : 0)) state.SkipWithError("wrong");
  state.counters["find"] = per(requests.size());
}
BENCHMARK(find)->ArgsProduct({{1'000'000, 10'000'000}, {1, 0}, {1, 8, 16, 32}})->Unit(benchmark::kMicrosecond);

std::vector<uint32_t> shuffled(size_t items) {
  base::Random random(2);
  std::vector<uint32_t> order(items);
  for (size_t i = 0; i < items; ++i) order[i] = static_cast<uint32_t>(i);
  for (size_t i = items - 1; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
  return order;
}

// Growth from nothing; hashing included. Items come in the order of the arena, as if just allocated.
void insert(benchmark::State& state) {
  const auto items = static_cast<size_t>(state.range(0));
  Filled numbers(items);
  for (auto _ : state) {
    numbers.insert_all();
    state.PauseTiming();
    numbers.table.clear([](Entry*) {});
    state.ResumeTiming();
  }
  state.counters["insert"] = per(items);
}
BENCHMARK(insert)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

// Shrinking to nothing; hashing and finding included.
void erase(benchmark::State& state) {
  const auto items = static_cast<size_t>(state.range(0));
  Filled numbers(items);
  const std::vector<uint32_t> order = shuffled(items);
  for (auto _ : state) {
    state.PauseTiming();
    numbers.insert_all();
    state.ResumeTiming();
    for (const uint32_t number : order) {
      char key[key_bytes];
      write_key(key, number);
      const uint64_t hash = base::siphash13(numbers.table.traits().hash_key, {key, key_bytes});
      numbers.table.take(numbers.table.find(hash, {key, key_bytes}));
    }
  }
  state.counters["erase"] = per(items);
}
BENCHMARK(erase)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

// The slowest single steps. The same growth runs several times and each insert counts with its fastest run, so that
// what others do on the machine drops out and what the table does every time stays.
void slowest_insert(benchmark::State& state) {
  const auto items = static_cast<size_t>(state.range(0));
  const base::SystemClock clock;
  Filled numbers(items);
  std::vector<uint32_t> fastest(items, UINT32_MAX);
  std::vector<bool> splits(items);
  for (auto _ : state) {
    uint64_t before = clock.cycles();
    for (size_t i = 0; i < items; ++i) {
      const uint32_t segments = numbers.table.segment_count();
      numbers.insert(i);
      const uint64_t now = clock.cycles();
      fastest[i] = std::min(fastest[i], static_cast<uint32_t>(now - before));
      splits[i] = numbers.table.segment_count() != segments;
      before = now;
    }
    numbers.table.clear([](Entry*) {});
  }
  Histogram all;
  Histogram split;
  for (size_t i = 0; i < items; ++i) {
    all.record(fastest[i]);
    if (splits[i]) split.record(fastest[i]);
  }
  auto us = [&](uint64_t cycles) { return static_cast<double>(cycles) / clock.cycles_per_us(); };
  state.counters["max_us"] = us(all.max());
  state.counters["p99.99_us"] = us(all.percentile(99.99));
  state.counters["split_mean_us"] = split.mean() / clock.cycles_per_us();
  state.counters["split_p99.9_us"] = us(split.percentile(99.9));
}
BENCHMARK(slowest_insert)->Arg(1'000'000)->Arg(10'000'000)->Iterations(3)->Unit(benchmark::kMillisecond);

void bytes_per_item(benchmark::State& state) {
  const auto items = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    Filled numbers(items);
    base::collect(true);
    const size_t resident = resident_bytes();
    numbers.insert_all();
    state.counters["bytes"] = static_cast<double>(numbers.table.memory_bytes()) / static_cast<double>(items);
    state.counters["rss"] = static_cast<double>(resident_bytes() - resident) / static_cast<double>(items);
    const TableStats stats = numbers.table.stats();
    state.counters["home_percent"] = 100 * static_cast<double>(stats.probes[0]) / static_cast<double>(items);
    state.counters["segment_max"] = static_cast<double>(stats.segment_items_max);
  }
}
BENCHMARK(bytes_per_item)->DenseRange(6'000'000, 14'000'000, 2'000'000)->Iterations(1)->Unit(benchmark::kMillisecond);

void scan(benchmark::State& state) {
  const Filled& from = filled(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    uint64_t cursor = 0;
    uint64_t items = 0;
    do cursor = from.table.scan(cursor, [&](TablePosition) { ++items; });
    while (cursor != 0);
    if (items != from.items()) state.SkipWithError("wrong");
  }
  state.counters["item"] = per(from.items());
}
BENCHMARK(scan)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

// Deadlines within a day: in random order, or rising as with one TTL for all.
DeadlineEntry deadline(bool rising, uint64_t number, base::Random& random) {
  const uint64_t ms = rising ? number / 500 : random.below(86'400'000);
  return {static_cast<int64_t>(1'700'000'000'000 + ms), static_cast<uint32_t>(random.next())};
}

// Arguments: entries, rising.
void deadlines(benchmark::State& state) {
  const auto entries = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    base::Random random(3);
    DeadlineIndex index;
    const size_t resident = resident_bytes();
    for (uint64_t i = 0; i < entries; ++i) index.insert(deadline(state.range(1) != 0, i, random));
    state.counters["bytes"] = static_cast<double>(index.memory_bytes()) / static_cast<double>(entries);
    state.counters["rss"] = static_cast<double>(resident_bytes() - resident) / static_cast<double>(entries);
    state.PauseTiming();
    index.clear();
    state.ResumeTiming();
  }
  state.counters["insert"] = per(entries);
}
BENCHMARK(deadlines)->ArgsProduct({{1'000'000, 10'000'000}, {0, 1}})->Iterations(1)->Unit(benchmark::kMillisecond);

// A full index in which one entry goes and another comes, as when keys are set anew with a TTL.
void deadlines_renewed(benchmark::State& state) {
  const auto entries = static_cast<uint64_t>(state.range(0));
  base::Random random(4);
  DeadlineIndex index;
  for (uint64_t i = 0; i < entries; ++i) index.insert(deadline(false, i, random));
  std::vector<DeadlineEntry> gone(1024);
  for (auto _ : state) {
    state.PauseTiming();
    for (DeadlineEntry& entry : gone) entry = index.sample(random);
    state.ResumeTiming();
    for (const DeadlineEntry& entry : gone) {
      index.erase(entry);
      index.insert(deadline(false, 0, random));
    }
  }
  state.counters["renewal"] = per(gone.size());
}
BENCHMARK(deadlines_renewed)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);

// What expiry does with the table: from a handle to the item, looking ahead over 16.
void candidates(benchmark::State& state) {
  const Filled& from = filled(static_cast<size_t>(state.range(0)));
  base::Random random(5);
  std::vector<Request> requests(1024);
  constexpr size_t batch = 16;
  uint64_t visited = 0;
  for (auto _ : state) {
    state.PauseTiming();
    make_requests(requests, from, random, true);
    state.ResumeTiming();
    for (size_t first = 0; first < requests.size(); first += batch) {
      auto handle = [&](size_t i) { return EntryTable::handle(requests[first + i].hash); };
      for (size_t i = 0; i < batch; ++i) from.table.prefetch_candidates_bucket(handle(i));
      for (size_t i = 0; i < batch; ++i) from.table.prefetch_candidates(handle(i));
      for (size_t i = 0; i < batch; ++i) {
        from.table.for_each_candidate(handle(i), [&](TablePosition position) {
          visited += EntryTable::item(position)->key[0] == 'k' ? 1 : 0;
          return false;
        });
      }
    }
  }
  const double lookups = static_cast<double>(state.iterations()) * static_cast<double>(requests.size());
  state.counters["visited"] = static_cast<double>(visited) / lookups;
  state.counters["handle"] = per(requests.size());
}
BENCHMARK(candidates)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace torc::ds

BENCHMARK_MAIN();
