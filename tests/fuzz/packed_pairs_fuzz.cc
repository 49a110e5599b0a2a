// Packed pairs: blocks from outside, of which valid() reads nothing outside and what it accepts can be walked and
// changed; and a block under operations that the input chooses, against a vector of pairs.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ds/packed_pairs.h"
#include "input.h"

namespace {

using torc::ds::PackedPairs;
using torc::fuzz::Input;
using torc::fuzz::require;
using Model = std::vector<std::pair<std::string, std::string>>;

// What the owner of a block does: room for the longer of both, then the change.
void change(std::string* block, const PackedPairs::Edit& edit, const std::string& field, const std::string& value) {
  const size_t before = block->size(), after = PackedPairs(*block).bytes_after(edit);
  block->resize(std::max(before, after));
  char* const out = PackedPairs::carry_out(block->data(), before, edit);
  if (edit.inserted != 0) PackedPairs::write(out, field, value);
  block->resize(after);
  require(PackedPairs::valid(*block));
}

void compare(const std::string& block, const Model& model) {
  const PackedPairs pairs(block);
  require(pairs.size() == model.size());
  size_t i = 0;
  pairs.for_each([&](std::string_view field, std::string_view value) {
    require(i < model.size() && field == model[i].first && value == model[i].second);
    ++i;
  });
  require(i == model.size());
}

Model read(const std::string& block) {
  Model model;
  PackedPairs(block).for_each([&](auto field, auto value) { model.emplace_back(field, value); });
  return model;
}

// Fields of 0 to 20,000 bytes: lengths take none to three bytes of their own.
std::string text(Input& input) {
  const uint8_t choice = input.byte();
  if (choice < 230) return std::string(choice % 40, static_cast<char>(choice));
  return std::string(size_t{choice} * (choice % 4 == 0 ? 70 : 1), static_cast<char>(choice));
}

auto found_in(Model& model, const std::string& field) {
  return std::ranges::find(model, field, &Model::value_type::first);
}

void step(Input& input, std::string* block, Model* model) {
  const uint8_t choice = input.byte() % 16;
  const std::string field = text(input);
  const auto expected = found_in(*model, field);
  const auto position = PackedPairs(*block).find(field);
  require((position != 0) == (expected != model->end()));
  if (position == 0) {
    for (int i = choice < 14 ? 0 : 60; i >= 0; --i) {
      model->emplace_back(i == 0 ? field : field + std::to_string(model->size()), text(input));
      const auto& [added, value] = model->back();
      change(block, PackedPairs(*block).append(added, value), added, value);
    }
  } else if (choice < 8) {
    expected->second = text(input);
    change(block, PackedPairs(*block).set_value(position, expected->second), field, expected->second);
  } else {
    change(block, PackedPairs(*block).erase(position), {}, {});
    model->erase(expected);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string block(PackedPairs::empty_bytes, '\0');
  Model model;
  // A block from outside is where the operations begin, if it is one.
  const size_t outside_bytes = size > 1 ? std::min<size_t>(data[0] | (data[1] & 3) << 8, size - 2) : 0;
  if (outside_bytes != 0) {
    const std::string outside(reinterpret_cast<const char*>(data) + 2, outside_bytes);
    if (PackedPairs::valid(outside)) {
      block = outside;
      model = read(block);
    }
  }
  Input input(data + std::min<size_t>(size, 2 + outside_bytes), size - std::min<size_t>(size, 2 + outside_bytes));
  compare(block, model);
  while (!input.empty() && model.size() < 2000) step(input, &block, &model);
  compare(block, model);
  return 0;
}
