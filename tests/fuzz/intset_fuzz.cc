// An intset under operations that the input chooses, against std::set: integers of all widths, so that the block is
// widened with few and with many of them. (Blocks from outside are packed_fuzz's.)
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

#include "base/random.h"
#include "ds/intset.h"
#include "input.h"

namespace {

using torc::ds::Intset;
using torc::fuzz::Input;
using torc::fuzz::require;

// Around the limits of the widths, and small ones.
int64_t integer(Input& input) {
  constexpr int64_t around[] = {0, 0, INT16_MIN, INT16_MAX, INT32_MIN, INT32_MAX, INT64_MIN, INT64_MAX};
  const uint8_t choice = input.byte();
  const auto offset = static_cast<uint64_t>(choice % 8 < 2 ? input.byte() * (choice % 4 == 0 ? 1 : -1)
                                                           : input.byte() % 32 - 16);
  return static_cast<int64_t>(static_cast<uint64_t>(around[choice % 8]) + offset);
}

struct Run {
  explicit Run(Input& given) : input(given) { Intset::make_empty(block.data()); }

  void insert(int64_t value) {
    const size_t before = block.size(), with = Intset(block.data()).bytes_with(value);
    block.resize(std::max(before, with));
    require(Intset::insert(block.data(), value) == model.insert(value).second);
    require(!model.empty() && Intset(block.data()).bytes() <= block.size());
    block.resize(Intset(block.data()).bytes());
  }
  void erase(int64_t value) {
    require(Intset::erase(block.data(), value) == (model.erase(value) == 1));
    block.resize(Intset(block.data()).bytes());
  }
  void step() {
    const uint8_t choice = input.byte() % 16;
    if (choice < 9) return insert(integer(input));
    if (choice == 9) {
      const int64_t first = integer(input) / 2;
      for (int64_t i = 0; i < 40; ++i) insert(first + i * 3);
      return;
    }
    erase(choice < 13 && !model.empty() ? Intset(block.data()).random(random) : integer(input));
  }
  void compare() {
    const Intset set(block.data());
    require(set.size() == model.size() && (model.empty() || Intset::valid(block)));
    size_t i = 0;
    for (const int64_t value : model) {
      require(set.at(i) == value && set.find(value) == i);
      require(set.contains(value + (value < INT64_MAX)) == model.contains(value + (value < INT64_MAX)));
      ++i;
    }
  }

  Input& input;
  std::string block = std::string(Intset::header_bytes, '\0');
  std::set<int64_t> model;
  torc::base::Random random{1};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return torc::fuzz::play<Run>(data, size);
}
