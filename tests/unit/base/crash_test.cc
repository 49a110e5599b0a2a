// The report of a crash: who is told, and that a step which crashes itself does no harm. Each crash has a process of
// its own (death tests).
#include "base/crash.h"

#include <gtest/gtest.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/assert.h"

namespace torc::base {
namespace {

void say(void*, const Crash& crash) {
#if defined(__SANITIZE_THREAD__)  // which blocks all signals while one is handled
  const bool survived = false;
#else
  const bool survived = guarded([](void*) { crash_on_purpose(); }, nullptr);
#endif
  std::fprintf(stderr, "signal %d, assertion %s, panic %d, a step that crashes: %d\n", crash.signal,
               crash.assertion ? crash.assertion : "none", crash.panic, survived);
}

struct CrashDeathTest : testing::Test {
  CrashDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(CrashDeathTest, Signals) {
  const auto crash = [] {
    set_crash_reporter(say, nullptr);
    crash_on_purpose();
  };
  EXPECT_EXIT(crash(), testing::KilledBySignal(SIGSEGV), "signal 11, assertion none, panic 0, a step that crashes: 0");
}

TEST_F(CrashDeathTest, SignalsThatSomebodySent) {
  const auto crash = [] {
    set_crash_reporter(say, nullptr);
    std::raise(SIGFPE);
  };
  EXPECT_EXIT(crash(), testing::KilledBySignal(SIGFPE), "signal 8, ");
}

TEST_F(CrashDeathTest, AssertionsAndPanics) {
  const auto assertion = [] {
    set_crash_reporter(say, nullptr);
    TORC_ASSERT(1 + 1 == 3);
  };
  EXPECT_EXIT(assertion(), testing::KilledBySignal(SIGABRT), "signal 6, assertion 1 \\+ 1 == 3, panic 0");
  const auto panics = [] {
    set_crash_reporter(say, nullptr);
    TORC_PANIC("no way");
  };
  EXPECT_EXIT(panics(), testing::KilledBySignal(SIGABRT), "signal 6, assertion no way, panic 1");
}

TEST_F(CrashDeathTest, AReporterThatCrashesEndsItAll) {
  const auto crash = [] {
    set_crash_reporter([](void*, const Crash&) { crash_on_purpose(); }, nullptr);
    crash_on_purpose();
  };
  EXPECT_EXIT(crash(), testing::KilledBySignal(SIGSEGV), "");
}

#if defined(__x86_64__)
constexpr char vector_pattern[] = "sixteen bytes of";

// How often the pattern stands in the kernel's area of saved registers.
int patterns_saved(const Crash& crash) {
  constexpr size_t bytes_offset = 480, bytes_least = 512;
  const auto* const area = reinterpret_cast<const char*>(static_cast<ucontext_t*>(crash.context)->uc_mcontext.fpregs);
  uint32_t bytes = 0;
  std::memcpy(&bytes, area + bytes_offset, sizeof bytes);
  const std::string_view saved(area, std::max<size_t>(bytes, bytes_least));
  int count = 0;
  for (size_t at = 0; (at = saved.find(vector_pattern, at)) != saved.npos; ++at) ++count;
  return count;
}

void crash_with_full_registers() {
  asm volatile(
      "movups (%0), %%xmm0\n\tmovups (%0), %%xmm7\n\tmovups (%0), %%xmm15\n\tmovb $1, (%1)" ::"r"(vector_pattern),
      "r"(nullptr)
      : "xmm0", "xmm7", "xmm15", "memory");
}

TEST_F(CrashDeathTest, VectorRegistersCanBeCleared) {
  const auto crash = [] {
    set_crash_reporter(
        [](void*, const Crash& crash) {
          const int before = patterns_saved(crash);
          clear_vector_registers(crash.context);
          std::fprintf(stderr, "%d before, %d after\n", before, patterns_saved(crash));
        },
        nullptr);
    crash_with_full_registers();
  };
  EXPECT_EXIT(crash(), testing::KilledBySignal(SIGSEGV), "3 before, 0 after");
}
#endif

TEST_F(CrashDeathTest, Removed) {
  const auto crash = [] {
    set_crash_reporter(say, nullptr);
    remove_crash_reporter();
    crash_on_purpose();
  };
  EXPECT_EXIT(crash(), testing::KilledBySignal(SIGSEGV), "");
}

TEST(Symbols, FunctionsHaveTheirNames) {
  const Symbols symbols;
  const auto* address = reinterpret_cast<const char*>(&crash_on_purpose);
  const Symbol symbol = symbols.find(address + 3);
  ASSERT_NE(nullptr, symbol.name);
  EXPECT_NE(nullptr, std::strstr(symbol.name, "crash_on_purpose"));
  EXPECT_EQ(3u, symbol.offset);
  EXPECT_EQ(nullptr, symbols.find(nullptr).name);
  std::array<char, 300> line;
  const size_t size = describe_address(symbols, address, false, true, line);
  EXPECT_NE(std::string_view::npos,
            std::string_view(line.data(), size).find("(torc::base::crash_on_purpose()+0x0)[0x"));
}

TEST(Symbols, TextsAreCutToTheRoom) {
  const Symbols symbols;
  std::array<char, 10> line;
  EXPECT_EQ(9u, describe_address(symbols, reinterpret_cast<const void*>(&crash_on_purpose), false, false, line));
  EXPECT_EQ('\0', line[9]);
  EXPECT_EQ(0u, describe_registers(nullptr, line));
}

}  // namespace
}  // namespace torc::base
