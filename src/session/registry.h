// Registry: all commands of one server, found by name in any case. A look-up happens once per request, so it is a small
// open-addressing table over the lower-cased name.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "session/command.h"

namespace torc::session {

class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Adds rows; subcommands ("client|list") after their container. module is what their handlers work on (may be null)
  // and must outlive the registry. A malformed row is a programming error: asserted.
  void add(std::span<const CommandRow> rows, void* module);
  // rename-command: clients find it under the other name from now on, or, with an empty one, not at all. It keeps its
  // full_name, which is what COMMAND and INFO say. Not while a request runs.
  enum class Renamed : uint8_t { done, unknown, taken };
  [[nodiscard]] Renamed rename(std::string_view name, std::string_view new_name);
  // The command (never a subcommand); null when there is none. name may be in any case.
  [[nodiscard]] Command* find(std::string_view name) const noexcept;
  // The command or subcommand that these arguments name; null: unknown command, or (container set) unknown subcommand.
  struct Resolved {
    Command* command = nullptr;
    Command* container = nullptr;
  };
  [[nodiscard]] Resolved resolve(std::span<const std::string_view> arguments) const noexcept;
  [[nodiscard]] const std::vector<std::unique_ptr<Command>>& commands() const noexcept { return commands_; }
  void reset_statistics() noexcept;

 private:
  // A name's lower-cased first and last eight bytes; up to 16 bytes they are the whole name.
  struct Slot {
    uint64_t head = 0, tail = 0;
    size_t size = 0;  // of the name; 0: free
    Command* command = nullptr;
  };
  void add_row(const CommandRow& row, void* module);
  void insert(Command* command);
  void grow();
  void rebuild(size_t slots);
  std::vector<std::unique_ptr<Command>> commands_;
  std::vector<std::unique_ptr<Command>> removed_;  // by rename(); somebody may hold on to them
  std::vector<Slot> table_;  // a power of two, at most half full
};

// Positions of the keys among the arguments by the command's key specifications (those of NOT_KEY left out); false when
// the arguments do not fit.
struct KeyPosition {
  int argument;
  const KeySpec* spec;
  uint32_t flags;  // KeyFlags: the specification's, or what this request makes of variable ones
};
bool find_keys(const Command& command, std::span<const std::string_view> arguments, std::vector<KeyPosition>* keys);

// Compares without regard to case; the second must be lower case.
[[nodiscard]] bool equals_lower(std::string_view text, std::string_view lower) noexcept;

}  // namespace torc::session
