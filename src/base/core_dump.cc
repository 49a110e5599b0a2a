// The mappings come from /proc/self/maps, a line each: "begin-end rwxp offset device inode   name". It is read in
// pieces, while the mappings are already being changed: a line is only about what lies behind the last one, so that
// does no harm. Zeroed global variables have no file either; they follow the one of their program without a gap.
#include "base/core_dump.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace torc::base {

namespace {

struct Mapping {
  uintptr_t begin = 0, end = 0;
  std::string_view inode, name;
};

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
  const auto first = std::from_chars(range.data(), end, mapping->begin, 16);
  if (first.ptr == end || *first.ptr != '-') return false;
  if (std::from_chars(first.ptr + 1, end, mapping->end, 16).ptr != end) return false;
  for (int i = 0; i < 3; ++i) take_word(&line);  // permissions, offset, device
  mapping->inode = take_word(&line);
  mapping->name = take_word(&line);
  return !mapping->inode.empty();
}

class Excluder {
 public:
  explicit Excluder(const void* stack_pointer) noexcept : kept_(reinterpret_cast<uintptr_t>(stack_pointer)) {}

  void look_at(std::string_view line) noexcept {
    Mapping mapping;
    if (!parse(line, &mapping)) return;
    const bool has_file = mapping.inode != "0";
    const bool is_kept = mapping.begin <= kept_ && kept_ < mapping.end;
    const bool is_heap = mapping.name.empty() || mapping.name == "[heap]" || mapping.name.starts_with("[anon");
    const bool are_variables = mapping.begin == end_of_file_;
    if (has_file) end_of_file_ = mapping.end;
    if (has_file || is_kept || !is_heap || are_variables) return;
    ::madvise(reinterpret_cast<void*>(mapping.begin), mapping.end - mapping.begin, MADV_DONTDUMP);
  }

 private:
  uintptr_t kept_;
  uintptr_t end_of_file_ = 0;  // of the last mapping that has one
};

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
  return true;
}

}  // namespace torc::base
