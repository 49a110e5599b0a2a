// Blocks from outside (RDB, RESTORE) as listpack and as intset: valid() reads nothing outside, and what it accepts can
// be walked both ways, searched and changed.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ds/intset.h"
#include "ds/listpack.h"

namespace {

using torc::ds::Intset;
using torc::ds::Listpack;
using torc::ds::ListpackItem;

void require(bool holds) {
  if (!holds) std::abort();
}

void walk_listpack(std::string block) {
  const Listpack list(block.data());
  size_t forwards = 0, backwards = 0;
  for (auto position = list.first(); position != 0; position = list.next(position)) {
    char scratch[24];
    const std::string text(list.get(position).string(scratch));
    require(list.find(position, ListpackItem(text)) == position);
    ++forwards;
  }
  for (auto position = list.last(); position != 0; position = list.previous(position)) ++backwards;
  require(forwards == list.size() && backwards == forwards);
  const size_t before = list.size();
  if (before == 0) return;
  const auto edit = list.erase(list.at(static_cast<int64_t>(before / 2)));
  const size_t after = list.bytes_after(edit);
  Listpack::splice(block.data(), edit);
  block.resize(after);
  require(Listpack::valid(block) && Listpack(block.data()).size() == before - 1);
}

void walk_intset(std::string block) {
  const Intset set(block.data());
  for (size_t i = 0; i < set.size(); ++i) require(set.find(set.at(i)) == i);
  require(Intset::erase(block.data(), set.at(0)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view block(reinterpret_cast<const char*>(data), size);
  if (Listpack::valid(block)) walk_listpack(std::string(block));
  if (Intset::valid(block)) walk_intset(std::string(block));
  return 0;
}
