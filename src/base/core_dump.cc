// First all memory that can be written is marked to be left out, then what must stay is marked to be kept. So nothing
// is kept by accident: neither a heap that was mapped directly behind a program's variables, nor one that the kernel
// joined to a stack, nor what is mapped in a way that nobody thought of here.
//
// The mappings come from /proc/self/maps, a line each: "begin-end rwxp offset device inode   name". It is read in
// pieces, while the mappings are already being changed: a line is only about what lies behind the last one, so that
// does no harm. Where variables are is the dynamic linker's knowledge: zeroed ones have no file, and no name either.
#include "base/core_dump.h"

#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace torc::base {

namespace {

// Below the stack pointer, a function may use that much without moving it.
constexpr uintptr_t red_zone_bytes = 128;
// Of a stack whose other end is not known: the frames of some hundred calls.
constexpr uintptr_t stack_bytes_max = 64 << 10;

struct Range {
  uintptr_t begin = 0, end = 0;
  [[nodiscard]] bool contains(uintptr_t address) const noexcept { return begin <= address && address < end; }
};

struct Mapping {
  Range range;
  std::string_view permissions, inode, name;
};

uintptr_t page_of(uintptr_t address) noexcept {
  return address & ~(static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE)) - 1);
}

uintptr_t page_after(uintptr_t address) noexcept {
  return page_of(address + static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE)) - 1);
}

// Whole pages; where one of them is not mapped, the others are marked all the same.
void advise(Range pages, int advice) noexcept {
  if (pages.begin < pages.end) ::madvise(reinterpret_cast<void*>(pages.begin), pages.end - pages.begin, advice);
}

// The next word of the line; the line loses it.
std::string_view take_word(std::string_view* line) noexcept {
  const size_t begin = line->find_first_not_of(' ');
  if (begin == std::string_view::npos) return *line = {};
  line->remove_prefix(begin);
  const std::string_view word = line->substr(0, line->find(' '));
  line->remove_prefix(word.size());
  return word;
}

bool parse(std::string_view line, Mapping* mapping) noexcept {
  const std::string_view range = take_word(&line);
  const char* const end = range.data() + range.size();
  const auto first = std::from_chars(range.data(), end, mapping->range.begin, 16);
  if (first.ptr == end || *first.ptr != '-') return false;
  if (std::from_chars(first.ptr + 1, end, mapping->range.end, 16).ptr != end) return false;
  mapping->permissions = take_word(&line);
  for (int i = 0; i < 2; ++i) take_word(&line);  // offset, device
  mapping->inode = take_word(&line);
  mapping->name = take_word(&line);
  return !mapping->inode.empty();
}

// Code and constants, and the kernel's own ([vdso]); a file's pages are not dumped before they are written.
bool is_unwritten(const Mapping& mapping) noexcept {
  const bool is_heap = mapping.name.empty() || mapping.name.starts_with("[anon") || mapping.name == "[heap]";
  return !mapping.permissions.contains('w') && (mapping.inode != "0" || !is_heap);
}

// Leaves out one mapping after the other, and remembers which of them are stacks.
class Excluder {
 public:
  explicit Excluder(const void* stack_pointer) noexcept : stack_pointer_(reinterpret_cast<uintptr_t>(stack_pointer)) {}

  void look_at(std::string_view line) noexcept {
    Mapping mapping;
    if (!parse(line, &mapping) || is_unwritten(mapping)) return;
    advise(mapping.range, MADV_DONTDUMP);
    if (mapping.name == "[stack]") main_stack_ = mapping.range;
    if (mapping.range.contains(stack_pointer_)) struck_ = mapping.range;
  }

  // Without what lies beyond the stack pointer: functions that have returned left it there.
  void keep_stacks() const noexcept {
    const bool is_main = main_stack_.contains(stack_pointer_);
    if (!is_main) advise(main_stack_, MADV_DODUMP);
    const uintptr_t begin = std::max(struck_.begin, page_of(stack_pointer_ - red_zone_bytes));
    const uintptr_t room = is_main ? struck_.end - begin : stack_bytes_max;
    if (struck_.end != 0) advise({begin, std::min(struck_.end, begin + room)}, MADV_DODUMP);
  }

 private:
  uintptr_t stack_pointer_;
  Range main_stack_, struck_;  // empty while not found
};

int keep_variables_of(dl_phdr_info* object, size_t, void*) noexcept {
  for (ElfW(Half) i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) == 0) continue;
    const uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    advise({page_of(begin), page_after(begin + segment.p_memsz)}, MADV_DODUMP);
  }
  return 0;
}

// Without the linker's list of what is loaded, and where, no debugger finds the names of functions. It stands in memory
// that the linker took before the program began.
void keep_list_of_objects() noexcept {
  for (const link_map* object = _r_debug.r_map; object != nullptr; object = object->l_next) {
    const auto itself = reinterpret_cast<uintptr_t>(object), name = reinterpret_cast<uintptr_t>(object->l_name);
    advise({page_of(itself), page_after(itself + sizeof *object)}, MADV_DODUMP);
    if (name != 0) advise({page_of(name), page_after(name + std::strlen(object->l_name) + 1)}, MADV_DODUMP);
  }
}

}  // namespace

bool leave_heaps_out_of_core(const void* stack_pointer) noexcept {
  const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return false;
  Excluder excluder(stack_pointer);
  char text[8192];  // a line is shorter: a path has at most 4096 bytes
  size_t held = 0;
  for (ssize_t read; (read = ::read(maps, text + held, sizeof text - held)) > 0;) {
    held += static_cast<size_t>(read);
    std::string_view rest(text, held);
    for (size_t end; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
      excluder.look_at(rest.substr(0, end));
    }
    held = rest.size() < sizeof text ? rest.size() : 0;
    std::memmove(text, rest.data(), held);
  }
  ::close(maps);
  excluder.keep_stacks();
  ::dl_iterate_phdr(keep_variables_of, nullptr);
  keep_list_of_objects();
  return true;
}

}  // namespace torc::base
