// HyperLogLogs from outside (SET, RESTORE): whatever the runs of a sparse one say, nothing outside of them is read or
// written; a value that counts can be merged, one that can be merged converts as its registers say; elements raise the
// register they name.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "ds/hyperloglog.h"
#include "input.h"

namespace {

using torc::ds::HyperLogLog;
using torc::fuzz::Input;
using torc::fuzz::require;
using Outcome = HyperLogLog::Outcome;

struct Run {
  explicit Run(std::string given) : value(std::move(given)) {
    refresh();
    count();
  }

  void refresh() {
    registers = {};
    merges = HyperLogLog::merge(value, registers);
    sound = HyperLogLog::count(value).has_value();
    require(merges || !sound);
  }
  void count() const {
    const auto count = HyperLogLog::count(value);
    require(count.has_value() == sound && (!sound || *count == HyperLogLog::count(registers)));
  }
  void raise_sparse(HyperLogLog::Mark mark, size_t bytes_max) {
    const std::string before = value;
    const auto expected = registers;
    const bool was_sound = sound;
    const Outcome outcome = HyperLogLog::raise_sparse(value, mark, bytes_max);
    if (outcome != Outcome::changed) require(value == before);
    if (!was_sound) return refresh();
    require(outcome != Outcome::corrupt && (outcome == Outcome::unchanged) == (mark.value <= expected[mark.index]));
    check_raised(outcome == Outcome::changed, expected, mark);
  }
  void patch_dense(HyperLogLog::Mark mark) {
    const auto expected = registers;
    require(HyperLogLog::dense_register(value, mark.index) == registers[mark.index]);
    const auto patch = HyperLogLog::dense_patch(value, mark);
    require(patch.offset >= HyperLogLog::header_bytes && patch.offset + patch.bytes <= value.size());
    value.replace(patch.offset, patch.bytes, patch.data, patch.bytes);
    check_raised(true, expected, mark);
  }
  void check_raised(bool changed, HyperLogLog::Registers expected, HyperLogLog::Mark mark) {
    if (changed) expected[mark.index] = mark.value;
    refresh();
    require(sound && HyperLogLog::valid(value) && registers == expected);
  }
  void convert() {
    static_cast<void>(HyperLogLog::describe_runs(value));
    count();
    if (!merges) return;
    const auto expected = registers;
    const std::string dense = HyperLogLog::dense(value, registers);
    require(HyperLogLog::valid(dense) && HyperLogLog::is_dense(dense));
    value = dense;
    refresh();
    count();
    require(sound && registers == expected);
  }
  void step(Input& input) {
    const uint8_t choice = input.byte();
    HyperLogLog::Mark mark{static_cast<uint32_t>(input.below(HyperLogLog::registers)), input.byte()};
    mark.value = static_cast<uint8_t>(mark.value % (choice % 4 == 0 ? HyperLogLog::register_max : 32) + 1);
    if (choice == 255) return convert();
    if (HyperLogLog::is_dense(value)) return patch_dense(mark);
    raise_sparse(mark, choice % 8 == 0 ? value.size() + choice % 3 : SIZE_MAX);
  }

  std::string value;
  HyperLogLog::Registers registers;
  bool merges = false, sound = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const bool dense = input.byte() % 8 == 0;
  std::string value = HyperLogLog::empty();
  if (dense) {
    value = HyperLogLog::dense(value, {});
    for (size_t i = input.byte(); i > 0; --i) {
      value[HyperLogLog::header_bytes + input.below(value.size() - HyperLogLog::header_bytes)] =
          static_cast<char>(input.byte());
    }
  } else if (const size_t runs_bytes = input.below(600); runs_bytes != 0) {
    value.resize(HyperLogLog::header_bytes);
    for (size_t i = 0; i < runs_bytes; ++i) value += static_cast<char>(input.byte());
  }
  HyperLogLog::invalidate_cache(value);
  require(HyperLogLog::valid(value) && !HyperLogLog::cached_count(value));
  Run run(std::move(value));
  for (int steps = 0; !input.empty() && steps < 24; ++steps) run.step(input);
  run.convert();
  return 0;
}
