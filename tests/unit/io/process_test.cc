// Tests of src/io/process: what its header promises, at the edges and on random input.
#include "io/process.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace torc::io {
namespace {

TEST(ProcessTest, KnowsItself) {
  EXPECT_EQ(process_id(), ::getpid());
  EXPECT_TRUE(std::filesystem::exists(executable_path()));
  EXPECT_EQ(working_directory(), std::filesystem::current_path());
  EXPECT_TRUE(system_name().starts_with("Linux "));
  EXPECT_GT(resident_bytes(), 1U << 20);
  EXPECT_LT(resident_bytes(), system_memory_bytes());
}

TEST(ProcessTest, ResidentMemoryFollowsWhatIsTouched) {
  constexpr size_t bytes = 64 << 20;
  const uint64_t before = resident_bytes();
  std::vector<char> memory(bytes, 'm');
  EXPECT_GT(resident_bytes(), before + bytes / 2);
  EXPECT_EQ(memory.back(), 'm');
}

TEST(ProcessTest, HugePagesCanBeDisabled) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) != 0) ::_exit(0);  // somebody did it for us
    ::_exit(disable_huge_pages() == 0 && ::prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 1 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(ProcessTest, CountsProcessorTime) {
  const ProcessorTime before = processor_time(ProcessorTimeOf::this_thread);
  volatile uint64_t sum = 0;
  ProcessorTime now = before;
  while (now.user_us + now.system_us < before.user_us + before.system_us + 2000) {
    for (int i = 0; i < 10000; ++i) sum = sum + 1;
    now = processor_time(ProcessorTimeOf::this_thread);
  }
  const ProcessorTime all = processor_time(ProcessorTimeOf::process);
  EXPECT_GE(all.user_us + all.system_us, 2000);
}

TEST(ProcessTest, CountsTheProcessorTimeOfChildren) {
  const auto spent_us = [](ProcessorTimeOf whose) {
    const ProcessorTime time = processor_time(whose);
    return time.user_us + time.system_us;
  };
  const int64_t before_us = spent_us(ProcessorTimeOf::children);
  const pid_t child = ::fork();
  ASSERT_NE(child, -1);
  if (child == 0) {
    while (spent_us(ProcessorTimeOf::process) < 20'000) {
    }
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_GE(spent_us(ProcessorTimeOf::children) - before_us, 20'000);
}

TEST(ProcessTest, RaisesTheDescriptorLimitAsFarAsAllowed) {
  rlimit original{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &original), 0);
  const rlimit low = {256, original.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  const DescriptorLimit raised = raise_descriptor_limit(300);
  EXPECT_EQ(raised.before, 256U);
  EXPECT_EQ(raised.now, 300U);
  EXPECT_EQ(raised.error, 0);
  EXPECT_EQ(raise_descriptor_limit(100).now, 300U);  // never lowered
  // More than the kernel allows anybody.
  const DescriptorLimit most = raise_descriptor_limit(uint64_t{1} << 40);
  EXPECT_EQ(most.now, original.rlim_max);
  EXPECT_EQ(most.error, EPERM);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &original), 0);
}

TEST(ProcessTest, PinsThreads) {
  const std::vector<int> processors = allowed_processors();
  ASSERT_FALSE(processors.empty());
  std::thread([&] {
    name_thread("pinned");
    const int last = processors.back();
    EXPECT_TRUE(pin_thread(std::to_string(last)));
    EXPECT_EQ(allowed_processors(), std::vector<int>{last});
    EXPECT_TRUE(pin_thread("0-" + std::to_string(last)));
    EXPECT_EQ(allowed_processors(), processors);
    for (const char* wrong : {"", "a", "1-", "-1", "2-1", "0,", "0-99999", "9999"}) {
      EXPECT_FALSE(pin_thread(wrong)) << wrong;
    }
  }).join();
}

TEST(ProcessTest, ReadsAndSetsTheOomScore) {
  const auto score = oom_score_adjust();
  ASSERT_TRUE(score.has_value());
  EXPECT_EQ(set_oom_score_adjust(*score), 0);
  EXPECT_EQ(set_oom_score_adjust(5000), EINVAL);
}

}  // namespace
}  // namespace torc::io
