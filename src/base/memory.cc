// Counting: a thread leases one of a fixed number of cache lines and adds to it without a locked instruction, because
// nobody else writes there. A thread that ends gives its line back as it stands; the next thread goes on adding where
// it stopped, and the sum stays right without any folding. What is allocated when no line is to be had (more threads
// than lines, or the last destructors of a thread) goes to a shared counter with locked additions.
#include "base/memory.h"

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <unistd.h>

#include "base/assert.h"
#include "base/memory_backend.h"

namespace torc::base {

namespace {

struct alignas(64) Line {
  std::atomic<int64_t> bytes = 0;
  std::atomic<bool> leased = false;
};

constexpr size_t lines_max = 512;
constinit std::array<Line, lines_max> lines;
// Lines beyond this one were never leased.
constinit std::atomic<size_t> lines_used = 0;
constinit std::atomic<int64_t> shared_bytes = 0;

constinit thread_local Line* own_line [[gnu::tls_model("initial-exec")]] = nullptr;
constinit thread_local bool thread_has_ended [[gnu::tls_model("initial-exec")]] = false;

// Gives the line back when the thread ends.
struct Lease {
  ~Lease() {
    thread_has_ended = true;
    if (Line* line = std::exchange(own_line, nullptr)) line->leased.store(false, std::memory_order_release);
  }
};

Line* take_line() noexcept {
  for (size_t i = 0; i < lines_max; ++i) {
    // Acquire pairs with the release above: this thread goes on from the last value of the one before.
    if (lines[i].leased.exchange(true, std::memory_order_acquire)) continue;
    size_t used = lines_used.load();
    while (used <= i && !lines_used.compare_exchange_weak(used, i + 1)) {
    }
    return &lines[i];
  }
  return nullptr;
}

[[gnu::noinline]] void count_slowly(int64_t bytes) noexcept {
  if (!thread_has_ended) own_line = take_line();
  if (!own_line) {
    shared_bytes.fetch_add(bytes, std::memory_order_relaxed);
    return;
  }
  // Registering the destructor may allocate through libc, which is not counted and so does not come back here.
  static thread_local Lease lease;
  static_cast<void>(&lease);
  own_line->bytes.store(own_line->bytes.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
}

inline void count(int64_t bytes) noexcept {
  Line* line = own_line;
  if (__builtin_expect(line == nullptr, 0)) return count_slowly(bytes);
  line->bytes.store(line->bytes.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
}

inline void count_block(const void* block) noexcept { count(static_cast<int64_t>(backend::usable_size(block))); }
inline void discount_block(const void* block) noexcept { count(-static_cast<int64_t>(backend::usable_size(block))); }

[[maybe_unused]] const bool page_delay_set = backend::set_page_delay();

[[noreturn, gnu::cold]] void out_of_memory(size_t bytes) noexcept {
  char message[64] = "out of memory: cannot allocate ";
  char* out = message + std::strlen(message);
  out = std::to_chars(out, message + sizeof message, bytes).ptr;
  static constexpr char unit[] = " bytes\n";
  std::memcpy(out, unit, sizeof unit - 1);
  out += sizeof unit - 1;
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, message, static_cast<size_t>(out - message));
  std::abort();
}

void* allocate_or_null(size_t bytes) noexcept {
  void* block = backend::allocate(bytes);
  if (block) count_block(block);
  return block;
}

void* allocate_aligned_or_null(size_t bytes, std::align_val_t alignment) noexcept {
  void* block = backend::allocate_aligned(bytes, static_cast<size_t>(alignment));
  if (block) count_block(block);
  return block;
}

void* allocate_aligned(size_t bytes, std::align_val_t alignment) noexcept {
  void* block = allocate_aligned_or_null(bytes, alignment);
  if (!block) out_of_memory(bytes);
  return block;
}

}  // namespace

void* allocate(size_t bytes) noexcept {
  void* block = backend::allocate(bytes);
  if (__builtin_expect(block == nullptr, 0)) out_of_memory(bytes);
  count_block(block);
  return block;
}

void* reallocate(void* block, size_t bytes) noexcept {
  if (!block) return allocate(bytes);
  discount_block(block);
  void* moved = backend::reallocate(block, bytes);
  if (!moved) out_of_memory(bytes);
  count_block(moved);
  return moved;
}

void release(void* block) noexcept {
  if (!block) return;
  discount_block(block);
  backend::release(block);
}

size_t usable_size(const void* block) noexcept { return backend::usable_size(block); }

size_t used_bytes() noexcept {
  int64_t sum = shared_bytes.load(std::memory_order_relaxed);
  size_t used = lines_used.load(std::memory_order_acquire);
  for (size_t i = 0; i < used; ++i) sum += lines[i].bytes.load(std::memory_order_relaxed);
  // While other threads run, the lines are read at slightly different times.
  return sum < 0 ? 0 : static_cast<size_t>(sum);
}

size_t committed_bytes() noexcept { return backend::committed_bytes(); }

std::string allocator_report() {
  std::string text;
  backend::report([](const char* piece, void* out) { static_cast<std::string*>(out)->append(piece); }, &text);
  return text;
}

void collect(bool force) noexcept { backend::collect(force); }

Heap::Heap() : heap_(backend::heap_new()) {
  if (!heap_) out_of_memory(sizeof(Heap));
}

Heap::~Heap() { backend::heap_delete(heap_); }

void* Heap::allocate(size_t bytes) noexcept {
  void* block = backend::heap_allocate(heap_, bytes);
  if (!block) out_of_memory(bytes);
  count_block(block);
  return block;
}

bool Heap::owns(const void* block) const noexcept { return backend::heap_owns(heap_, block); }

}  // namespace torc::base

// The replacements of the process's operators. The throwing forms do not throw either: out of memory is the end.
using torc::base::allocate;
using torc::base::allocate_aligned;
using torc::base::allocate_aligned_or_null;
using torc::base::allocate_or_null;
using torc::base::release;

void* operator new(size_t bytes) { return allocate(bytes); }
void* operator new[](size_t bytes) { return allocate(bytes); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return allocate_or_null(bytes); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return allocate_or_null(bytes); }
void* operator new(size_t bytes, std::align_val_t alignment) { return allocate_aligned(bytes, alignment); }
void* operator new[](size_t bytes, std::align_val_t alignment) { return allocate_aligned(bytes, alignment); }
void* operator new(size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_aligned_or_null(bytes, alignment);
}
void* operator new[](size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_aligned_or_null(bytes, alignment);
}

void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, size_t) noexcept { release(block); }
void operator delete[](void* block, size_t) noexcept { release(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, size_t, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept { release(block); }
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept { release(block); }
