// Tests of src/base/core_dump: which mappings the kernel would still write, as /proc/self/smaps tells it. In a child
// process, since it cannot be taken back.
#include "base/core_dump.h"

#include <link.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/memory.h"

namespace torc::base {
namespace {

char global_bytes[1 << 20];

// Whether the mapping that contains the address would be left out ("dd" among its flags).
bool left_out(const void* address) {
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::istringstream words(line);
    if (words >> std::hex >> begin >> dash >> end && dash == '-') inside = begin <= wanted && wanted < end;
    if (inside && line.starts_with("VmFlags:")) return line.find(" dd") != std::string::npos;
  }
  return false;
}

constexpr size_t page_bytes = 4096, stack_bytes = 1 << 20;

// Bits of what went wrong in the child.
int look(void* small, void* large, char* stack_of_a_thread) {
  char* const stack_pointer = stack_of_a_thread + 2 * page_bytes + 1000;
  global_bytes[sizeof global_bytes / 2] = 1;
  if (left_out(small) || left_out(large)) return 64;
  if (!leave_heaps_out_of_core(stack_pointer)) return 32;
  int wrong = 0;
  if (!left_out(small)) wrong |= 1;
  if (!left_out(large)) wrong |= 2;
  // The frame itself: a sanitizer may keep variables elsewhere.
  if (left_out(__builtin_frame_address(0))) wrong |= 4;
  if (left_out(global_bytes + sizeof global_bytes / 2)) wrong |= 8;
  if (left_out(stack_pointer)) wrong |= 16;
  // Neither what functions that have returned left behind, nor what the kernel joined to the stack.
  if (!left_out(stack_of_a_thread) || !left_out(stack_of_a_thread + stack_bytes - 1)) wrong |= 128;
  return wrong;
}

TEST(CoreDump, LeavesHeapsOutAndKeepsStacksAndVariables) {
  void* const small = allocate(100);
  void* const large = allocate(64 << 20);
  void* const stack = ::mmap(nullptr, stack_bytes + 2 * page_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(stack, MAP_FAILED);
  char* const usable = static_cast<char*>(stack) + page_bytes;
  ASSERT_EQ(::mprotect(usable, stack_bytes, PROT_READ | PROT_WRITE), 0);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(look(small, large, usable));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  ::munmap(stack, stack_bytes + 2 * page_bytes);
  release(large);
  release(small);
}

// What went wrong in the child: two pages of a file, and heap directly behind them.
int look_behind_a_file() {
  const int file = ::memfd_create("a file", 0);
  if (file < 0 || ::ftruncate(file, 2 * page_bytes) != 0) return 1;
  void* const room = ::mmap(nullptr, 4 * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return 2;
  void* const mapped = ::mmap(room, 2 * page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
  if (mapped != room || !leave_heaps_out_of_core(&file)) return 4;
  const char* const bytes = static_cast<char*>(mapped);
  if (!left_out(bytes) || !left_out(bytes + 2 * page_bytes)) return 8;
  // What a debugger needs to find the names of functions.
  return left_out(_r_debug.r_map) || left_out(_r_debug.r_map->l_next) ? 16 : 0;
}

TEST(CoreDump, LeavesOutWhatLiesBehindAFileAndKeepsTheListOfObjects) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(look_behind_a_file());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace torc::base
