// The file is mapped and stays mapped: its pages cost memory only when a trace reads them. Every offset in it is
// checked against its size; a damaged file yields no names.
#include "base/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <span>

namespace torc::base {

namespace {

using Header = ElfW(Ehdr);
using Section = ElfW(Shdr);
using Entry = ElfW(Sym);

int take_base(dl_phdr_info* info, size_t, void* base) {
  *static_cast<uint64_t*>(base) = info->dlpi_addr;
  return 1;  // the first one is the executable
}

}  // namespace

Symbols::Symbols() noexcept {
  const int fd = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  struct stat status {};
  if (::fstat(fd, &status) == 0 && status.st_size > 0) {
    void* const mapped = ::mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapped != MAP_FAILED) {
      file_ = static_cast<const char*>(mapped);
      size_ = static_cast<size_t>(status.st_size);
    }
  }
  ::close(fd);
  ::dl_iterate_phdr(take_base, &base_);
  if (file_ != nullptr) find_table();
}

Symbols::~Symbols() {
  if (file_ != nullptr) ::munmap(const_cast<char*>(file_), size_);
}

void Symbols::find_table() noexcept {
  const auto* header = reinterpret_cast<const Header*>(file_);
  if (size_ < sizeof *header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return;
  if (header->e_shentsize != sizeof(Section) || header->e_shoff % alignof(Section) != 0) return;
  if (header->e_shoff > size_ || size_ - header->e_shoff < header->e_shnum * sizeof(Section)) return;
  const std::span sections(reinterpret_cast<const Section*>(file_ + header->e_shoff), header->e_shnum);
  const auto inside = [this](const Section& section) {
    return section.sh_offset <= size_ && section.sh_size <= size_ - section.sh_offset;
  };
  for (const Section& section : sections) {
    const bool whole = section.sh_type == SHT_SYMTAB;
    if (!whole && (section.sh_type != SHT_DYNSYM || table_ != nullptr)) continue;
    if (section.sh_link >= sections.size() || !inside(section) || !inside(sections[section.sh_link])) continue;
    table_ = file_ + section.sh_offset;
    table_size_ = section.sh_size / sizeof(Entry);
    names_ = file_ + sections[section.sh_link].sh_offset;
    names_size_ = sections[section.sh_link].sh_size;
    if (whole) return;
  }
}

Symbol Symbols::find(const void* address) const noexcept {
  const uint64_t wanted = reinterpret_cast<uintptr_t>(address) - base_;
  for (size_t i = 0; i < table_size_; ++i) {
    Entry entry;
    std::memcpy(&entry, table_ + i * sizeof entry, sizeof entry);
    if (ELF64_ST_TYPE(entry.st_info) != STT_FUNC || entry.st_name >= names_size_) continue;
    if (wanted < entry.st_value || wanted - entry.st_value >= entry.st_size) continue;
    const char* const name = names_ + entry.st_name;
    if (std::memchr(name, '\0', names_size_ - entry.st_name) == nullptr) continue;
    return {name, wanted - entry.st_value};
  }
  return {};
}

}  // namespace torc::base
