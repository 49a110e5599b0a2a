// The command line that ps shows. The kernel reads it from where it put the arguments at start, so a title is written
// over them, and over the environment behind them, which is copied away first.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace torc::io {

class ProcessTitle {
 public:
  // argv as main() got it; it is readable no more after the first set(). Before any other thread is started.
  ProcessTitle(int argc, char** argv);
  ~ProcessTitle();
  ProcessTitle(const ProcessTitle&) = delete;
  ProcessTitle& operator=(const ProcessTitle&) = delete;
  // How the program was called.
  [[nodiscard]] const std::string& program() const noexcept { return program_; }
  // What does not fit is cut off. Without effect where arguments and environment are not in one piece.
  void set(std::string_view title) noexcept;

 private:
  std::string program_;
  char* begin_ = nullptr;  // the place of the arguments
  size_t size_ = 0;        // with the environment
  size_t arguments_size_ = 0;
  std::vector<std::string> environment_;
  std::vector<char*> environment_pointers_;
};

}  // namespace torc::io
