// A quicklist under operations that the input chooses, against std::deque: limit, depth and plain elements included.
#include <cstdint>
#include <deque>
#include <string>

#include "ds/quicklist.h"
#include "input.h"

namespace {

using torc::ds::ListpackItem;
using torc::ds::Quicklist;
using torc::fuzz::Input;
using torc::fuzz::require;

struct Run {
  explicit Run(Input& given)
      : input(given), list(limit(given.byte()), given.byte() % 4), plain_min(given.byte() * 4u) {}
  static int64_t limit(uint8_t byte) { return byte % 40 - 5; }

  void push() {
    const bool at_front = input.byte() & 1;
    const std::string text = input.text();
    list.push(text, at_front, plain_min);
    at_front ? model.push_front(text) : model.push_back(text);
  }
  void pop() {
    const bool at_front = input.byte() & 1;
    list.pop(at_front);
    at_front ? model.pop_front() : model.pop_back();
  }
  void insert() {
    const size_t index = input.below(model.size());
    const bool after = input.byte() & 1;
    const std::string text = input.text();
    list.insert(Quicklist::Walker(list, index, true), text, after, plain_min);
    model.insert(model.begin() + static_cast<int64_t>(index + after), text);
  }
  void replace() {
    const size_t index = input.below(model.size());
    model[index] = input.text();
    list.replace(index, model[index], plain_min);
  }
  void remove() {
    const std::string text = model[input.below(model.size())];
    require(list.remove(ListpackItem(text), 0, input.byte() & 1) == std::erase(model, text));
  }
  void erase() {
    const size_t begin = input.below(model.size());
    const size_t count = input.below(model.size() - begin + 1);
    Quicklist gone = list.erase(begin, count);
    while (!gone.release_some(1 + count % 5)) {
    }
    require(gone.nodes() == 0 && gone.allocated_bytes() == 0);
    const auto first = model.begin() + static_cast<int64_t>(begin);
    model.erase(first, first + static_cast<int64_t>(count));
  }
  void step() {
    const uint8_t choice = input.byte() % 16;
    if (model.empty() || choice < 8) return push();
    if (choice < 10) return pop();
    if (choice < 12) return insert();
    if (choice < 14) return replace();
    choice == 14 ? remove() : erase();
  }
  void compare() {
    require(list.size() == model.size());
    uint64_t nodes = 0, bytes = 0;
    for (const auto* node = list.first_node(); node; node = node->next, ++nodes) bytes += node->allocated_bytes();
    require(nodes == list.nodes() && bytes == list.allocated_bytes());
    if (model.empty()) return;
    Quicklist::Walker walker(list, 0, true);
    char digits[24];
    for (const std::string& text : model) {
      require(walker.get() != nullptr && walker.get()->string(digits) == text);
      walker.step();
    }
    require(walker.get() == nullptr);
  }

  Input& input;
  Quicklist list;
  uint64_t plain_min;
  std::deque<std::string> model;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return torc::fuzz::play<Run>(data, size);
}
