// Micro-benchmarks of the store: 1M keys of 16 bytes with values of 32, requests at random, as a pipeline would bring
// them. The look-ahead is the session's: hash and bucket 16 requests ahead, entry 8 ahead.
#include <algorithm>
#include <cstring>
#include <ctime>
#include <span>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "store/database.h"
#include "store/keyspace.h"

namespace torc::store {
namespace {

constexpr size_t key_bytes = 16;
constexpr size_t value_bytes = 32;
constexpr size_t keys = 1'000'000;
constexpr size_t bucket_distance = 16;
constexpr size_t entry_distance = 8;

void write_key(char* out, size_t number) {
  std::memcpy(out, "key:", 4);
  for (size_t i = key_bytes; i-- > 4; number /= 10) out[i] = static_cast<char>('0' + number % 10);
}

// Request keys one after the other, as they stand in a connection's input.
std::vector<char> random_requests(size_t count, size_t first_key, size_t key_count) {
  base::Random random(42);
  std::vector<char> requests(count * key_bytes);
  for (size_t i = 0; i < count; ++i) write_key(&requests[i * key_bytes], first_key + random.below(key_count));
  return requests;
}

struct Loaded {
  explicit Loaded(size_t count, int64_t deadline_ms = no_deadline) {
    char name[key_bytes];
    for (size_t i = 0; i < count; ++i) {
      write_key(name, i);
      KeyRef key = keyspace.key({name, key_bytes});
      database.set_string(key, nullptr, {std::string_view(value)}, deadline_ms);
    }
  }
  Keyspace keyspace{16, base::HashKey{1, 2}};
  Database& database = keyspace.database(0);
  std::string value = std::string(value_bytes, 'v');
};

Loaded& loaded() {
  static Loaded store(keys);
  return store;
}

// Runs serve(key) for each request with the two-stage look-ahead.
template <class Serve>
void look_ahead(Loaded& store, std::span<const char> requests, Serve&& serve) {
  uint64_t hashes[bucket_distance];
  size_t count = requests.size() / key_bytes;
  auto key_at = [&](size_t i) { return std::string_view(&requests[i * key_bytes], key_bytes); };
  for (size_t i = 0; i < count + bucket_distance; ++i) {
    if (i >= bucket_distance) {
      size_t now = i - bucket_distance;
      serve(KeyRef{key_at(now), hashes[now % bucket_distance]});
    }
    if (i < count) {
      uint64_t hash = store.keyspace.key(key_at(i)).hash;
      hashes[i % bucket_distance] = hash;
      store.database.prefetch_bucket(hash);
    }
    if (i >= entry_distance && i < count + entry_distance) {
      store.database.prefetch_entry(hashes[(i - entry_distance) % bucket_distance]);
    }
  }
}

// Times each iteration by the thread's processor time; the fastest one is what the code costs when nobody disturbs it.
class Stopwatch {
 public:
  Stopwatch(benchmark::State& state, size_t requests) : state_(state), requests_(requests) {}
  ~Stopwatch() {
    std::ranges::sort(laps_ns_);
    auto per_request = [&](double quantile) {
      double lap = laps_ns_[static_cast<size_t>(quantile * static_cast<double>(laps_ns_.size() - 1))];
      return lap / static_cast<double>(requests_);
    };
    state_.counters["best_ns"] = per_request(0);
    state_.counters["median_ns"] = per_request(0.5);
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

  template <class Run>
  void lap(Run&& run) {
    double begin = cpu_ns();
    run();
    laps_ns_.push_back(cpu_ns() - begin);
    state_.SetIterationTime(laps_ns_.back() / 1e9);
  }

 private:
  static double cpu_ns() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
  }

  benchmark::State& state_;
  size_t requests_;
  std::vector<double> laps_ns_;
};

// The same in groups: what stalls a prefetch is the walk through the page tables, and several walks overlap only if
// few instructions stand between them.
template <class Serve>
void look_ahead_in_groups(Loaded& store, std::span<const char> requests, Serve&& serve) {
  constexpr size_t group = entry_distance;
  uint64_t hashes[3][group];
  size_t groups = requests.size() / key_bytes / group;
  auto key_at = [&](size_t i) { return std::string_view(&requests[i * key_bytes], key_bytes); };
  for (size_t g = 0; g < groups + 2; ++g) {
    if (g < groups) {
      for (size_t i = 0; i < group; ++i) hashes[g % 3][i] = store.keyspace.key(key_at(g * group + i)).hash;
      for (uint64_t hash : hashes[g % 3]) store.database.prefetch_bucket(hash);
    }
    if (g >= 1 && g <= groups) {
      for (uint64_t hash : hashes[(g - 1) % 3]) store.database.prefetch_entry(hash);
    }
    if (g >= 2) {
      for (size_t i = 0; i < group; ++i) serve(KeyRef{key_at((g - 2) * group + i), hashes[(g - 2) % 3][i]});
    }
  }
}

// The least that a reply needs: the bytes.
void read_value(const Entry* entry) {
  IntegerScratch scratch;
  char reply[value_bytes];
  std::string_view value = entry->string(scratch);
  std::memcpy(reply, value.data(), std::min(value.size(), sizeof reply));
  benchmark::DoNotOptimize(reply);
}

// Requests of one iteration; each iteration has others.
constexpr size_t lap_requests = 20'000;

class Requests {
 public:
  Requests(size_t first_key, size_t key_count) : bytes_(random_requests(keys, first_key, key_count)) {}
  std::span<const char> next() {
    if (at_ + lap_requests > keys) at_ = 0;
    std::span<const char> lap = std::span(bytes_).subspan(at_ * key_bytes, lap_requests * key_bytes);
    at_ += lap_requests;
    return lap;
  }

 private:
  std::vector<char> bytes_;
  size_t at_ = 0;
};

void get_with_look_ahead(benchmark::State& state) {
  Loaded& store = loaded();
  Requests requests(0, keys);
  Stopwatch watch(state, lap_requests);
  for (auto _ : state) {
    watch.lap([&] { look_ahead(store, requests.next(), [&](KeyRef key) { read_value(store.database.find(key)); }); });
  }
}

void get_with_look_ahead_in_groups(benchmark::State& state) {
  Loaded& store = loaded();
  Requests requests(0, keys);
  Stopwatch watch(state, lap_requests);
  for (auto _ : state) {
    watch.lap([&] {
      look_ahead_in_groups(store, requests.next(), [&](KeyRef key) { read_value(store.database.find(key)); });
    });
  }
}

void get_one_by_one(benchmark::State& state) {
  Loaded& store = loaded();
  Requests requests(0, keys);
  Stopwatch watch(state, lap_requests);
  for (auto _ : state) {
    std::span<const char> lap = requests.next();
    watch.lap([&] {
      for (size_t i = 0; i < lap_requests; ++i) {
        read_value(store.database.find(store.keyspace.key({&lap[i * key_bytes], key_bytes})));
      }
    });
  }
}

void get_missing_with_look_ahead(benchmark::State& state) {
  Loaded& store = loaded();
  Requests requests(keys, keys);
  Stopwatch watch(state, lap_requests);
  for (auto _ : state) {
    watch.lap([&] {
      look_ahead(store, requests.next(), [&](KeyRef key) { benchmark::DoNotOptimize(store.database.find(key)); });
    });
  }
}

void set_in_place_with_look_ahead(benchmark::State& state) {
  Loaded& store = loaded();
  Requests requests(0, keys);
  Stopwatch watch(state, lap_requests);
  for (auto _ : state) {
    watch.lap([&] {
      look_ahead(store, requests.next(), [&](KeyRef key) {
        Entry* old = store.database.find(key);
        benchmark::DoNotOptimize(store.database.set_string(key, old, {std::string_view(store.value)}, no_deadline));
      });
    });
  }
}

void set_with_deadline_with_look_ahead(benchmark::State& state) {
  static Loaded store(keys, 1'700'000'000'000);
  Requests requests(0, keys);
  Stopwatch watch(state, lap_requests);
  int64_t requests_until_now = 0;
  for (auto _ : state) {
    watch.lap([&] {
      look_ahead(store, requests.next(), [&](KeyRef key) {
        Entry* old = store.database.find(key);
        int64_t deadline_ms = 1'700'000'000'000 + ++requests_until_now / 256;
        store.database.set_string(key, old, {std::string_view(store.value)}, deadline_ms);
      });
    });
  }
}

// Each iteration adds new keys to those that are there and, without being timed, removes them.
void insert_with_look_ahead(benchmark::State& state) {
  Loaded& store = loaded();
  Requests requests(10 * keys, keys);
  Stopwatch watch(state, lap_requests);
  for (auto _ : state) {
    std::span<const char> lap = requests.next();
    watch.lap([&] {
      look_ahead(store, lap, [&](KeyRef key) {
        Entry* old = store.database.find(key);
        store.database.set_string(key, old, {std::string_view(store.value)}, no_deadline);
      });
    });
    look_ahead(store, lap, [&](KeyRef key) {
      if (Entry* entry = store.database.find(key)) store.database.erase(key, entry);
    });
  }
}

void erase_with_look_ahead(benchmark::State& state) {
  Loaded& store = loaded();
  Requests requests(10 * keys, keys);
  Stopwatch watch(state, lap_requests);
  for (auto _ : state) {
    std::span<const char> lap = requests.next();
    look_ahead(store, lap, [&](KeyRef key) {
      Entry* old = store.database.find(key);
      store.database.set_string(key, old, {std::string_view(store.value)}, no_deadline);
    });
    watch.lap([&] {
      look_ahead(store, lap, [&](KeyRef key) {
        if (Entry* entry = store.database.find(key)) store.database.erase(key, entry);
      });
    });
  }
}

void expire_overdue(benchmark::State& state) {
  static Loaded store(keys, 1'700'000'000'000);
  Requests requests(10 * keys, keys);
  Stopwatch watch(state, lap_requests);
  for (auto _ : state) {
    look_ahead(store, requests.next(), [&](KeyRef key) {
      auto deadline_ms = static_cast<int64_t>(key.hash % 60'000);
      store.database.set_string(key, store.database.find(key), {std::string_view(store.value)}, deadline_ms);
    });
    watch.lap([&] {
      while (Entry* entry = store.database.first_overdue(60'000)) {
        store.database.erase(store.keyspace.key(entry->key()), entry);
      }
    });
  }
}

#define TORC_BENCHMARK(name) BENCHMARK(name)->UseManualTime()->Unit(benchmark::kMillisecond)
TORC_BENCHMARK(get_with_look_ahead);
TORC_BENCHMARK(get_with_look_ahead_in_groups);
TORC_BENCHMARK(get_one_by_one);
TORC_BENCHMARK(get_missing_with_look_ahead);
TORC_BENCHMARK(set_in_place_with_look_ahead);
TORC_BENCHMARK(insert_with_look_ahead);
TORC_BENCHMARK(erase_with_look_ahead);
TORC_BENCHMARK(set_with_deadline_with_look_ahead);
TORC_BENCHMARK(expire_overdue);

}  // namespace
}  // namespace torc::store

BENCHMARK_MAIN();
