// A longest common subsequence of two texts, 64 cells of the classical table at a time.
//
// The table's row for a prefix of `a` grows by 0 or 1 from each byte of `b` to the next, so a row is a bit vector, and
// the next row follows from it by one addition and a few logical operations per word (Crochemore, Iliopoulos, Pinzon
// and Reid 2001; in the form of Hyyrö 2004). The same bits tell the way back through the table: where the bytes differ,
// the row grew at this byte of `b` exactly if the cell above is greater than the cell to the left. So the whole table
// is kept at one bit per cell, and the runs found are those that Redis finds in its table of 32-bit cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace torc::ds {

class CommonSubsequence {
 public:
  // a[a .. a + size) and b[b .. b + size) are equal and lie in the subsequence next to each other.
  struct Run {
    uint32_t a, b, size;
  };
  enum Wanted : uint8_t { size_only, with_runs };

  // nullopt: there was not enough memory (some |a| * (|b| / 8 + 1) bytes, twice at the most). Both are shorter than 4
  // GiB and must live as long as the result is used.
  [[nodiscard]] static std::optional<CommonSubsequence> of(std::string_view a, std::string_view b, Wanted wanted);

  [[nodiscard]] size_t size() const noexcept { return size_; }
  // Calls visit(Run) for each run, the last one first. with_runs only.
  template <class Visit>
  void for_each_run(Visit visit) const;

 private:
  CommonSubsequence(std::string_view a, std::string_view b) noexcept : a_(a), b_(b), row_bytes_((b.size() + 7) / 8) {}
  bool fill(Wanted wanted);
  [[nodiscard]] bool grows(size_t i, size_t j) const noexcept {
    return !(rows_[i * row_bytes_ + j / 8] >> (j % 8) & 1);
  }

  std::string_view a_, b_;
  size_t row_bytes_;
  std::unique_ptr<uint8_t[]> rows_;  // one per byte of a; a bit is 0 where the row grows
  size_t size_ = 0;
};

template <class Visit>
void CommonSubsequence::for_each_run(Visit visit) const {
  size_t i = a_.size(), j = b_.size();
  while (i > 0 && j > 0) {
    size_t run = 0;
    while (run < i && run < j && a_[i - 1 - run] == b_[j - 1 - run]) ++run;
    if (run > 0) {
      i -= run;
      j -= run;
      visit(Run{static_cast<uint32_t>(i), static_cast<uint32_t>(j), static_cast<uint32_t>(run)});
    } else if (grows(i - 1, j - 1)) {
      --i;
    } else {
      --j;
    }
  }
}

}  // namespace torc::ds
