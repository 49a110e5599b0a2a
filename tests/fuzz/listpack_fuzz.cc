// A listpack under operations that the input chooses, against std::deque: elements of all encodings, gaps opened from
// either side, searches with a stride. (Blocks from outside are packed_fuzz's.)
#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "ds/listpack.h"
#include "input.h"

namespace {

using torc::ds::Listpack;
using torc::ds::ListpackEdit;
using torc::ds::ListpackItem;
using torc::fuzz::Input;
using torc::fuzz::require;

struct Run {
  explicit Run(Input& given) : input(given) {
    block.resize(Listpack::empty_bytes);
    Listpack::make_empty(block.data());
  }

  // At the limits of every encoding: integers of 7, 13, 16, 24, 32 and 64 bits, strings of 6, 12 and 32 bits' length.
  std::string text() {
    const uint8_t kind = input.byte();
    if (kind < 80) return input.text();
    if (kind < 180) {
      constexpr int widths[] = {7, 12, 15, 23, 31, 62};
      const int64_t limit = int64_t{1} << widths[kind % 6];
      return std::to_string((kind & 8 ? limit : -limit) + input.byte() % 4 - 2);
    }
    constexpr size_t lengths[] = {62, 4094, 126};
    return std::string(lengths[kind % (kind < 200 ? 3 : 1)] + input.byte() % 4, static_cast<char>(kind));
  }
  Listpack list() const { return Listpack(block.data()); }
  Listpack::Position at(size_t index) const { return list().at(static_cast<int64_t>(index)); }

  // From behind, or from the front with as much room before the block as it needs.
  void carry_out(const ListpackEdit& edit, const std::vector<ListpackItem>& items) {
    const size_t before = block.size(), after = list().bytes_after(edit);
    const bool from_front = input.byte() & 1;
    char* out;
    if (from_front) {
      block.insert(0, edit.inserted, '\0');
      out = Listpack::splice_before(block.data() + edit.inserted, edit);
    } else {
      block.resize(std::max(before, after));
      out = Listpack::splice(block.data(), edit);
    }
    for (const ListpackItem& item : items) out = item.write(out);
    if (from_front) block.erase(0, edit.removed);
    block.resize(after);
    require(Listpack::valid(block));
  }
  void insert() {
    const size_t index = input.below(model.size() + 1);
    std::vector<std::string> texts(input.byte() % 4 + 1u);
    std::vector<ListpackItem> items;
    size_t bytes = 0;
    for (std::string& one : texts) {
      one = text();
      items.emplace_back(one);
      bytes += items.back().bytes();
    }
    carry_out(list().insert(index == model.size() ? 0 : at(index), bytes, static_cast<int32_t>(texts.size())), items);
    model.insert(model.begin() + static_cast<std::ptrdiff_t>(index), texts.begin(), texts.end());
  }
  void replace() {
    const size_t index = input.below(model.size());
    model[index] = text();
    const ListpackItem item(model[index]);
    carry_out(list().replace(at(index), item.bytes()), {item});
  }
  void erase() {
    const size_t index = input.below(model.size()), count = input.byte() % 8 + 1u;
    carry_out(list().erase(at(index), static_cast<uint32_t>(count)), {});
    const auto first = model.begin() + static_cast<std::ptrdiff_t>(index);
    model.erase(first, first + static_cast<std::ptrdiff_t>(std::min(count, model.size() - index)));
  }
  void extend() {
    const std::string added = text();
    const ListpackItem item(added);
    const size_t old_bytes = block.size();
    block.resize(old_bytes + item.bytes());
    char* const end = item.write(block.data() + old_bytes - 1);
    Listpack::extend(block.data(), end, 1);
    model.push_back(added);
    require(Listpack::valid(block));
  }
  void search() {
    const size_t index = input.below(model.size()), skipped = input.byte() % 4;
    const std::string wanted = input.byte() % 4 == 0 ? text() : model[index];
    size_t expected = index;
    while (expected < model.size() && model[expected] != wanted) expected += skipped + 1;
    const auto found = list().find(at(index), ListpackItem(wanted), static_cast<uint32_t>(skipped));
    require(expected < model.size() ? found == at(expected) : found == 0);
    remove_all(wanted);
  }
  void remove_all(const std::string& wanted) {
    const size_t most = input.byte() % 4;
    const auto places = list().places_of(ListpackItem(wanted), most, input.byte() & 1);
    const auto there = static_cast<size_t>(std::ranges::count(model, wanted));
    require(places.size() == (most == 0 ? there : std::min(most, there)));
    require(std::ranges::is_sorted(places, std::ranges::greater()));
  }
  void step() {
    const uint8_t choice = input.byte() % 16;
    if (model.empty() || choice < 5) return insert();
    if (choice < 7) return extend();
    if (choice < 10) return replace();
    choice < 13 ? erase() : search();
  }
  void compare() {
    require(list().size() == model.size() && list().bytes() == block.size() && list().empty() == model.empty());
    char digits[24];
    auto position = list().first();
    for (const std::string& text : model) {
      require(position != 0 && list().get(position).string(digits) == text);
      position = list().next(position);
    }
    require(position == 0);
    position = list().last();
    for (auto text = model.rbegin(); text != model.rend(); ++text, position = list().previous(position)) {
      require(position != 0 && list().get(position).string(digits) == *text);
    }
    require(position == 0 && list().at(-1 - static_cast<int64_t>(model.size())) == 0);
  }

  Input& input;
  std::string block;
  std::deque<std::string> model;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return torc::fuzz::play<Run>(data, size);
}
