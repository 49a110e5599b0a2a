// The table holds what a look-up compares: the name's size and its lower-cased first and last eight bytes, which
// overlap in a shorter name and are the whole of it up to 16 bytes. So finding GET costs two loads, a fold of eight
// bytes at a time, a multiplication and one comparison with one line of the table; the Command itself is not touched.
// The hash needs no secret key: clients cannot add names.
#include "session/registry.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>

#include "base/assert.h"
#include "session/command_facts.h"

namespace torc::session {

namespace {

// Letters A-Z of eight bytes at once; other bytes stay, those above 127 too.
constexpr uint64_t lower_case(uint64_t bytes) noexcept {
  constexpr uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
  const uint64_t low_bits = bytes & ~high;
  const uint64_t at_least_a = low_bits + (0x80 - 'A') * ones;
  const uint64_t beyond_z = low_bits + (0x7f - 'Z') * ones;
  const uint64_t letters = (at_least_a ^ beyond_z) & ~bytes & high;
  return bytes | letters >> 2;
}

[[gnu::always_inline]] inline uint64_t load(const char* bytes, size_t size) noexcept {
  uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return word;
}

struct Folded {
  uint64_t head, tail;
};

// Constant sizes: each memcpy is one load.
[[gnu::always_inline]] inline Folded fold(std::string_view name) noexcept {
  const char* bytes = name.data();
  const size_t size = name.size();
  if (size >= 8) return {lower_case(load(bytes, 8)), lower_case(load(bytes + size - 8, 8))};
  if (size >= 4) return {lower_case(load(bytes, 4) | load(bytes + size - 4, 4) << 32), 0};
  if (size >= 2) return {lower_case(load(bytes, 2) | load(bytes + size - 2, 2) << 16), 0};
  return {size == 0 ? 0 : lower_case(load(bytes, 1)), 0};
}

// The top bits of a product depend on all bits of the factors.
size_t hash(const Folded& folded, size_t size) noexcept {
  return ((folded.head ^ std::rotl(folded.tail, 29)) + size) * 0x9e3779b97f4a7c15 >> 40;
}

// Kept out of find(), which so needs no stack.
[[gnu::noinline]] bool same_long_name(std::string_view name, const Command& command) noexcept {
  return equals_lower(name, command.called);
}

}  // namespace

bool equals_lower(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  const char* a = text.data();
  const char* b = lower.data();
  const size_t size = text.size();
  if (size >= 8) {
    for (size_t i = 0; i + 8 <= size; i += 8)
      if (lower_case(load(a + i, 8)) != load(b + i, 8)) return false;
    return lower_case(load(a + size - 8, 8)) == load(b + size - 8, 8);
  }
  const Folded folded = fold(text);
  if (size >= 4) return folded.head == (load(b, 4) | load(b + size - 4, 4) << 32);
  if (size >= 2) return folded.head == (load(b, 2) | load(b + size - 2, 2) << 16);
  return size == 0 || folded.head == load(b, 1);
}

Command* Command::subcommand(std::string_view wanted) const noexcept {
  for (const auto& sub : subcommands)
    if (equals_lower(wanted, sub->name)) return sub.get();
  return nullptr;
}

Registry::Registry() : table_(64) {}
Registry::~Registry() = default;

void Registry::add(std::span<const CommandRow> rows, void* module) {
  for (const CommandRow& row : rows) add_row(row, module);
}

void Registry::add_row(const CommandRow& row, void* module) {
  TORC_ASSERT(!row.name.empty() && row.arity != 0);
  for (char c : row.name) TORC_ASSERT(c < 'A' || c > 'Z');
  auto command = std::make_unique<Command>();
  command->row = &row;
  command->full_name = command->called = row.name;
  command->name = row.name.substr(row.name.find('|') + 1);
  command->handler = row.handler;
  command->module = module;
  command->arity = row.arity;
  command->flags = parse_command_flags(row.flags);
  command->key_specs = parse_key_specs(row.keys);
  command->acl_categories = derive_acl_categories(row.acl, command->flags);
  derive_legacy_key_range(command.get());
  const size_t bar = row.name.find('|');
  if (bar == row.name.npos) {
    TORC_ASSERT(find(row.name) == nullptr);
    insert(command.get());
    commands_.push_back(std::move(command));
    return;
  }
  Command* container = find(row.name.substr(0, bar));
  TORC_ASSERT(container != nullptr && container->subcommand(command->name) == nullptr && row.handler != nullptr);
  command->parent = container;
  container->subcommands.push_back(std::move(command));
}

void Registry::insert(Command* command) {
  if ((commands_.size() + 1) * 2 > table_.size()) grow();
  const Folded folded = fold(command->called);
  size_t i = hash(folded, command->called.size()) & (table_.size() - 1);
  while (table_[i].size != 0) i = (i + 1) & (table_.size() - 1);
  table_[i] = {folded.head, folded.tail, command->called.size(), command};
}

void Registry::grow() { rebuild(table_.size() * 2); }

void Registry::rebuild(size_t slots) {
  table_.assign(slots, Slot{});
  for (const auto& command : commands_) insert(command.get());
}

Registry::Renamed Registry::rename(std::string_view name, std::string_view new_name) {
  Command* const command = find(name);
  if (command == nullptr) return Renamed::unknown;
  const Command* const other = find(new_name);
  if (other != nullptr && other != command) return Renamed::taken;
  if (new_name.empty()) {
    const auto owned = std::ranges::find(commands_, command, &std::unique_ptr<Command>::get);
    removed_.push_back(std::move(*owned));
    commands_.erase(owned);
  } else {
    command->called = new_name;
    std::ranges::transform(command->called, command->called.begin(), [](unsigned char c) { return std::tolower(c); });
  }
  rebuild(table_.size());
  return Renamed::done;
}

Command* Registry::find(std::string_view name) const noexcept {
  if (name.empty()) return nullptr;
  const Folded folded = fold(name);
  const size_t mask = table_.size() - 1;
  for (size_t i = hash(folded, name.size()) & mask; table_[i].size != 0; i = (i + 1) & mask) {
    const Slot& slot = table_[i];
    if (slot.head != folded.head || slot.tail != folded.tail || slot.size != name.size()) continue;
    if (name.size() <= 16 || same_long_name(name, *slot.command)) [[likely]]
      return slot.command;
  }
  return nullptr;
}

Registry::Resolved Registry::resolve(std::span<const std::string_view> arguments) const noexcept {
  Command* command = find(arguments[0]);
  if (command == nullptr || command->subcommands.empty() || arguments.size() == 1) return {command, nullptr};
  return {command->subcommand(arguments[1]), command};
}

void Registry::reset_statistics() noexcept {
  auto reset = [](Command& command) {
    command.calls = command.cycles = command.rejected_calls = command.failed_calls = 0;
    command.latency.reset();
  };
  for (const auto& command : commands_) {
    reset(*command);
    for (const auto& sub : command->subcommands) reset(*sub);
  }
}

}  // namespace torc::session
