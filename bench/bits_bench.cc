// ds/bits: counting and combining at the speed of memory. The first benchmarks are the measure: what one core reads,
// and what it copies.
#include <benchmark/benchmark.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "ds/bit_kernels.h"
#include "ds/bits.h"

namespace {

using torc::ds::BitKernels;

constexpr size_t large_bytes = size_t{64} << 20;

std::string some_bytes(size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  uint64_t state = seed;
  for (char& byte : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

void count_bytes(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(bytes) * static_cast<int64_t>(state.iterations()));
}

// What memory gives when nothing is computed: a sum of words.
void read_memory(benchmark::State& state) {
  const std::string bytes = some_bytes(large_bytes, 1);
  for (auto _ : state) {
    std::array<uint64_t, 8> sums{};
    for (size_t i = 0; i < bytes.size(); i += sizeof sums) {
      std::array<uint64_t, 8> words;
      std::memcpy(words.data(), bytes.data() + i, sizeof words);
      for (size_t k = 0; k < words.size(); ++k) sums[k] += words[k];
    }
    benchmark::DoNotOptimize(sums);
  }
  count_bytes(state, large_bytes);
}
BENCHMARK(read_memory);

// Counted as what is read and written.
void copy_memory(benchmark::State& state) {
  const std::string from = some_bytes(large_bytes, 1);
  std::string to(large_bytes, '\0');
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), large_bytes);
    benchmark::ClobberMemory();
  }
  count_bytes(state, 2 * large_bytes);
}
BENCHMARK(copy_memory);

void count_bits(benchmark::State& state) {
  const auto kernels = torc::ds::usable_bit_kernels();
  const auto which = static_cast<size_t>(state.range(0));
  if (which >= kernels.size()) return state.SkipWithError("not on this processor");
  const auto size = static_cast<size_t>(state.range(1));
  const std::string bytes = some_bytes(size, 1);
  for (auto _ : state) benchmark::DoNotOptimize(kernels[which]->count(bytes.data(), size));
  count_bytes(state, size);
  state.SetLabel(std::string(kernels[which]->name));
}
BENCHMARK(count_bits)->ArgsProduct({{0, 1, 2}, {64, 4096, static_cast<int64_t>(large_bytes)}});

// Counted as what is read and written.
void combine_bits(benchmark::State& state, torc::ds::BitOperation operation) {
  const auto count = static_cast<size_t>(state.range(0));
  const auto size = static_cast<size_t>(state.range(1));
  std::vector<std::string> stored;
  for (size_t i = 0; i < count; ++i) stored.push_back(some_bytes(size, static_cast<unsigned>(i)));
  const std::vector<std::string_view> sources(stored.begin(), stored.end());
  std::string out(size, '\0');
  for (auto _ : state) {
    torc::ds::combine_bits(operation, sources, out);
    benchmark::ClobberMemory();
  }
  count_bytes(state, (count + 1) * size);
}
BENCHMARK_CAPTURE(combine_bits, not, torc::ds::BitOperation::not_)->Args({1, large_bytes});
BENCHMARK_CAPTURE(combine_bits, and, torc::ds::BitOperation::and_)->ArgsProduct({{2, 4}, {4096, large_bytes}});
BENCHMARK_CAPTURE(combine_bits, diff, torc::ds::BitOperation::diff)->ArgsProduct({{2, 4}, {large_bytes}});
BENCHMARK_CAPTURE(combine_bits, one, torc::ds::BitOperation::one)->ArgsProduct({{2, 4}, {large_bytes}});

void find_bit(benchmark::State& state) {
  std::string bytes(large_bytes, '\0');
  bytes.back() = 1;
  for (auto _ : state) benchmark::DoNotOptimize(torc::ds::find_bit(bytes, {0, large_bytes * 8 - 1}, true));
  count_bytes(state, large_bytes);
}
BENCHMARK(find_bit);

}  // namespace

BENCHMARK_MAIN();
