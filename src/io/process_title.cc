// When the last byte of the arguments' place is not NUL, the kernel shows what stands there up to the first NUL, also
// beyond into the environment; otherwise it would show all of the place, NULs included.
#include "io/process_title.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace torc::io {

namespace {

// Where the strings end that follow each other without a gap, from `end` on.
char* end_of_strings(char* const* strings, char* end) {
  for (; *strings != nullptr && *strings == end; ++strings) end = *strings + std::strlen(*strings) + 1;
  return end;
}

}  // namespace

ProcessTitle::ProcessTitle(int argc, char** argv) {
  if (argc < 1 || argv[0] == nullptr) return;
  program_ = argv[0];
  char* const end = end_of_strings(argv, argv[0]);
  begin_ = argv[0];
  arguments_size_ = static_cast<size_t>(end - begin_);
  size_ = static_cast<size_t>(end_of_strings(environ, end) - begin_);
  for (char** one = environ; *one != nullptr; ++one) environment_.emplace_back(*one);
  for (std::string& one : environment_) environment_pointers_.push_back(one.data());
  environment_pointers_.push_back(nullptr);
  environ = environment_pointers_.data();
}

ProcessTitle::~ProcessTitle() {
  if (environ == environment_pointers_.data()) environ = nullptr;
}

void ProcessTitle::set(std::string_view title) noexcept {
  if (begin_ == nullptr || size_ < 2) return;
  const size_t length = std::min(title.size(), size_ - 1);
  std::memset(begin_, 0, size_);
  std::memcpy(begin_, title.data(), length);
  if (length + 1 < arguments_size_) begin_[arguments_size_ - 1] = ' ';
}

}  // namespace torc::io
