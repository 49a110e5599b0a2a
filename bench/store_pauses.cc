// What the store takes and gives back, and how long its longest step is: RSS per key, deleting nine keys of ten at
// random and compacting, emptying a database, freeing a huge value; and for the last two the alternatives that were not
// taken (a worker thread; a heap of its own). Steps are measured in processor time of the thread, so that a busy
// machine does not blur them; a stall of another thread needs the wall clock and a quiet machine.
//
// Growth has the wall clock and a control instead: inserts that changed the table's shape beside those that did not, by
// their count, their time, and how many a second of it took longer than a limit. A stall that is the machine's own
// strikes both alike.
//
//   store_pauses [keys, default 10000000] [part ...: load growth ttl delete flush huge worker heap churn]
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/memory.h"
#include "base/pages.h"
#include "base/random.h"
#include "ds/histogram.h"
#include "store/database.h"
#include "store/keyspace.h"

namespace torc::store {
namespace {

constexpr size_t value_bytes = 32;
constexpr size_t step_units = 500;  // of 100 ns: what a tick would allow

double clock_us(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double rss_mb() {
  std::ifstream statm("/proc/self/statm");
  size_t total = 0, resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

// Durations of steps.
class Steps {
 public:
  explicit Steps(clockid_t clock = CLOCK_THREAD_CPUTIME_ID) : clock_(clock) {}
  template <class Step>
  auto run(Step&& step) {
    double begin = clock_us(clock_);
    auto result = step();
    ns_.record(static_cast<uint64_t>((clock_us(clock_) - begin) * 1e3));
    return result;
  }
  // As another clock saw it.
  void record(double microseconds) { ns_.record(static_cast<uint64_t>(microseconds * 1e3)); }
  // How many a second of their own time took longer.
  void print_longer(std::string_view what, double limit_us) {
    if (ns_.sum() == 0) return;
    const uint64_t longer = ns_.count() - ns_.count_up_to(static_cast<uint64_t>(limit_us * 1e3));
    fmt::print("  {:<44} {:>9} longer than {:.0f} us, {:.1f} a second\n", what, longer, limit_us,
               static_cast<double>(longer) * 1e9 / static_cast<double>(ns_.sum()));
  }
  void print(std::string_view what) {
    auto at = [&](double percent) { return static_cast<double>(ns_.percentile(percent)) / 1e3; };
    fmt::print(
        "  {:<44} {:>9} steps, {:>8.1f} ms, median {:.1f} p99 {:.1f} p99.99 {:.1f} max {:.1f} us, rss {:.1f} MB\n",
        what, ns_.count(), static_cast<double>(ns_.sum()) / 1e6, at(50), at(99), at(99.99), at(100), rss_mb());
  }

 private:
  clockid_t clock_;
  ds::Histogram ns_;
};

struct Name {
  char bytes[16];
  explicit Name(size_t number) {
    std::memcpy(bytes, "key:", 4);
    for (size_t i = sizeof bytes; i-- > 4; number /= 10) bytes[i] = static_cast<char>('0' + number % 10);
  }
  [[nodiscard]] std::string_view view() const { return {bytes, sizeof bytes}; }
};

struct Store {
  Keyspace keyspace{16, base::HashKey{1, 2}};
  Database& database = keyspace.database(0);
  std::string value = std::string(value_bytes, 'v');

  Entry* insert(size_t number, int64_t deadline_ms) {
    const Name name(number);
    return database.set_string(keyspace.key(name.view()), nullptr, {std::string_view(value)}, deadline_ms);
  }
  void load(size_t keys, int64_t deadline_ms, Steps* steps = nullptr) {
    for (size_t i = 0; i < keys; ++i) {
      auto set = [&] {
        return insert(i, deadline_ms == no_deadline ? no_deadline
                                                    : deadline_ms + static_cast<int64_t>(i * 7919 % keys));
      };
      steps ? steps->run(set) : set();
    }
  }
};

void print_memory(std::string_view what, const Store& store, double rss_before) {
  auto keys = static_cast<double>(store.database.size());
  fmt::print("  {:<44} {:.1f} bytes RSS per key (table {:.1f}, deadline index {:.1f})\n", what,
             (rss_mb() - rss_before) * 1e6 / keys, static_cast<double>(store.database.table_bytes()) / keys,
             static_cast<double>(store.database.expires_bytes()) / keys);
}

void load(size_t keys) {
  for (size_t count : {keys * 6 / 10, keys * 8 / 10, keys, keys * 12 / 10, keys * 14 / 10}) {
    double before = rss_mb();
    Store store;
    store.load(count, no_deadline);
    print_memory(fmt::format("{} keys", count), store, before);
  }
  double before = rss_mb();
  Store store;
  Steps steps;
  store.load(keys, no_deadline, &steps);
  print_memory(fmt::format("{} keys", keys), store, before);
  steps.print("insert");
}

void growth(size_t keys) {
  Store store;
  Steps grew, plain;
  for (size_t i = 0; i < keys; ++i) {
    const uint64_t before = store.keyspace.growth_steps();
    const double begin = clock_us(CLOCK_MONOTONIC);
    store.insert(i, no_deadline);
    const double took = clock_us(CLOCK_MONOTONIC) - begin;
    (store.keyspace.growth_steps() == before ? plain : grew).record(took);
  }
  for (auto& [what, steps] : {std::pair{"inserts that grew the table", &grew}, {"other inserts", &plain}}) {
    steps->print(what);
    for (const double limit_us : {50.0, 200.0}) steps->print_longer(what, limit_us);
  }
}

void ttl(size_t keys) {
  double before = rss_mb();
  Store store;
  Steps steps;
  store.load(keys, 1'700'000'000'000, &steps);
  print_memory(fmt::format("{} keys with deadlines", keys), store, before);
  steps.print("insert with deadline");
}

void delete_at_random(size_t keys) {
  double before = rss_mb();
  double fresh = 0;
  {
    Store store;
    store.load(keys / 10, no_deadline);
    fresh = rss_mb() - before;
  }
  before = rss_mb();
  Store store;
  store.load(keys, no_deadline);
  fmt::print("  {} keys: {:.1f} MB; a tenth of them loaded freshly: {:.1f} MB\n", keys, rss_mb() - before, fresh);
  base::Random random(7);
  std::vector<uint32_t> order(keys);
  for (size_t i = 0; i < keys; ++i) order[i] = static_cast<uint32_t>(i);
  for (size_t i = keys; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  Steps erase, compact;
  double highest = 0;
  bool busy = false;
  for (size_t i = 0; i < keys - keys / 10; ++i) {
    erase.run([&] {
      Name name(order[i]);
      KeyRef key = store.keyspace.key(name.view());
      store.database.erase(key, store.database.find(key));
      return 0;
    });
    // Some work of the background between the commands, as in a server.
    if (i % 200 == 0) busy = compact.run([&] { return store.keyspace.compact_some(step_units); });
    if (i % 100'000 == 0) highest = std::max(highest, rss_mb() - before);
  }
  std::vector<uint32_t>().swap(order);
  double after_erase = rss_mb() - before;
  while (busy) busy = compact.run([&] { return store.keyspace.compact_some(step_units); });
  erase.print("delete");
  compact.print("compact");
  fmt::print("  highest {:.1f} MB, after deleting {:.1f} MB, now {:.1f} MB: {:.2f} times a fresh load\n", highest,
             after_erase, rss_mb() - before, (rss_mb() - before) / fresh);
}

void flush(size_t keys) {
  Store store;
  store.load(keys, 1'700'000'000'000);
  Steps clear, reclaim;
  clear.run([&] {
    store.database.clear();
    return 0;
  });
  while (reclaim.run([&] { return store.keyspace.reclaim_some(step_units); })) {
  }
  clear.print("clear");
  reclaim.print("reclaim");
}

void huge(size_t) {
  for (size_t mb : {1u, 16u, 512u}) {
    Store store;
    KeyRef key = store.keyspace.key("huge");
    base::BlobRef blob = base::BlobRef::make(mb << 20);
    std::memset(blob.mutable_bytes(), 'x', mb << 20);
    blob.set_size(mb << 20);
    Entry* entry = store.database.set_string(key, nullptr, {blob.view(), &blob}, no_deadline);
    Steps erase, reclaim;
    erase.run([&] {
      store.database.erase(key, entry);
      return 0;
    });
    while (reclaim.run([&] { return store.keyspace.reclaim_some(step_units); })) {
    }
    erase.print(fmt::format("delete {} MiB", mb));
    reclaim.print(fmt::format("reclaim {} MiB", mb));
  }
  for (size_t mb : {1u, 16u, 512u}) {
    void* block = base::allocate(mb << 20);
    std::memset(block, 'x', mb << 20);
    Steps release;
    release.run([&] {
      base::release(block);
      return 0;
    });
    release.print(fmt::format("for comparison: release {} MiB at once", mb));
  }
}

// Another thread frees; this one goes on with requests that need memory (wall clock: what it feels).
void worker(size_t keys) {
  Store store;
  store.load(keys / 10, no_deadline);
  auto requests = [&](std::string_view what, auto&& work) {
    std::atomic<bool> done = false;
    std::thread thread([&] {
      work();
      done = true;
    });
    Steps steps(CLOCK_MONOTONIC);
    for (size_t i = 0; !done || i < 1000; ++i) {
      steps.run([&] {
        Name name(keys + i);
        return store.database.set_string(store.keyspace.key(name.view()), nullptr, {std::string_view(store.value)},
                                         no_deadline);
      });
    }
    thread.join();
    steps.print(what);
  };
  requests("inserts while nobody frees (1 s)", [] { std::this_thread::sleep_for(std::chrono::seconds(1)); });
  store.database.clear();
  while (store.keyspace.reclaim_some(100'000)) {
  }
  char* block = static_cast<char*>(base::allocate(size_t{512} << 20));
  std::memset(block, 'x', size_t{512} << 20);
  requests("inserts while a worker frees 512 MiB", [&] { base::release(block); });
  std::vector<void*> blocks(keys);
  base::Heap heap;
  for (void*& small : blocks) {
    small = heap.allocate(56);
    std::memset(small, 'x', 56);
  }
  double begin = clock_us(CLOCK_MONOTONIC);
  requests(fmt::format("inserts while a worker frees {} entries", keys), [&] {
    for (void* small : blocks) base::release(small);
  });
  fmt::print("  the worker took {:.0f} ms; rss {:.1f} MB\n", (clock_us(CLOCK_MONOTONIC) - begin) / 1e3, rss_mb());
  Steps collect;
  collect.run([&] {
    base::collect(true);
    return 0;
  });
  collect.print("collecting what the worker freed");
}

// One value of many small blocks in a heap of its own: a heap may be emptied by giving back its pages, unseen blocks
// and all.
void own_heap(size_t keys) {
  auto heap = std::make_unique<base::Heap>();
  std::vector<void*> blocks(keys);
  for (void*& block : blocks) {
    block = heap->allocate(56);
    std::memset(block, 'x', 56);
  }
  Steps drop, release;
  // base::Heap has no destroy; its pages are the bulk of that work: one per 64 KiB.
  for (void* block : blocks) {
    release.run([&] {
      base::EagerPageReturn eager;
      base::release(block);
      return 0;
    });
  }
  drop.run([&] {
    heap.reset();
    return 0;
  });
  release.print("releasing block by block");
  drop.print("dropping the empty heap");
}

// A large value is written over again and again: its pages should stay.
void churn(size_t) {
  for (size_t kb : {64u, 1024u, 4096u, 16384u}) {
    Store store;
    KeyRef key = store.keyspace.key("large");
    Steps steps, deletes;
    for (int i = 0; i < 300; ++i) {
      steps.run([&] {
        base::BlobRef blob = base::BlobRef::make(kb << 10);
        std::memset(blob.mutable_bytes(), 'x', kb << 10);
        blob.set_size(kb << 10);
        store.database.set_string(key, store.database.find(key), {blob.view(), &blob}, no_deadline);
        return store.keyspace.reclaim_some(step_units);
      });
    }
    steps.print(fmt::format("overwrite {} KiB", kb));
    for (int i = 0; i < 300; ++i) {
      deletes.run([&] {
        base::BlobRef blob = base::BlobRef::make(kb << 10);
        std::memset(blob.mutable_bytes(), 'x', kb << 10);
        blob.set_size(kb << 10);
        Entry* entry = store.database.set_string(key, store.database.find(key), {blob.view(), &blob}, no_deadline);
        store.database.erase(key, entry);
        return store.keyspace.reclaim_some(step_units);
      });
    }
    deletes.print(fmt::format("set and delete {} KiB", kb));
  }
}

struct Part {
  std::string_view name;
  void (*run)(size_t keys);
};

constexpr Part parts[] = {{"load", load},   {"growth", growth}, {"ttl", ttl},       {"delete", delete_at_random},
                          {"flush", flush}, {"huge", huge},     {"worker", worker}, {"heap", own_heap},
                          {"churn", churn}};

}  // namespace
}  // namespace torc::store

int main(int argument_count, char** arguments) {
  size_t keys = argument_count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 10'000'000;
  std::set<std::string_view> chosen(arguments + std::min(argument_count, 2), arguments + argument_count);
  for (const torc::store::Part& part : torc::store::parts) {
    if (!chosen.empty() && !chosen.contains(part.name)) continue;
    fmt::print("{}\n", part.name);
    part.run(keys);
  }
}
