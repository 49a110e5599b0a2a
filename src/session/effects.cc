// Letters of notify-keyspace-events, and the queue of the unit under way.
#include "session/effects.h"

#include <algorithm>
#include <array>
#include <utility>

namespace torc::session {

namespace {

constexpr std::array<std::pair<char, uint32_t>, 13> class_letters = {{{'g', event_generic},
                                                                      {'$', event_string},
                                                                      {'l', event_list},
                                                                      {'s', event_set},
                                                                      {'h', event_hash},
                                                                      {'z', event_zset},
                                                                      {'x', event_expired},
                                                                      {'e', event_evicted},
                                                                      {'t', event_stream},
                                                                      {'d', event_module},
                                                                      {'m', event_keymiss},
                                                                      {'n', event_new},
                                                                      {'A', event_all}}};

uint32_t class_of(char letter) noexcept {
  if (letter == 'K') return event_keyspace;
  if (letter == 'E') return event_keyevent;
  for (const auto& [name, classes] : class_letters) {
    if (name == letter) return classes;
  }
  return 0;
}

void append_letters(std::string& text, uint32_t classes) {
  for (const auto& [name, one] : class_letters) {
    if (name != 'A' && name != 'm' && name != 'n' && (classes & one)) text += name;
  }
}

}  // namespace

int64_t parse_event_classes(std::string_view letters) noexcept {
  uint32_t classes = 0;
  for (const char letter : letters) {
    const uint32_t one = class_of(letter);
    if (one == 0) return -1;
    classes |= one;
  }
  return classes;
}

std::string format_event_classes(uint32_t classes) {
  std::string text;
  if ((classes & event_all) == event_all) {
    text += 'A';
  } else {
    append_letters(text, classes);
  }
  if (classes & event_new) text += 'n';
  if (classes & event_keyspace) text += 'K';
  if (classes & event_keyevent) text += 'E';
  if (classes & event_keymiss) text += 'm';
  return text;
}

void Effects::emit(uint32_t event_class, std::string_view event, std::string_view key, size_t database) {
  if (!(event_classes_ & event_class)) return;
  for (EventSink* sink : event_sinks_) sink->event(event_class, event, key, database);
}

void Effects::propagate(size_t database, std::span<const std::string_view> arguments) {
  if (!propagating()) return;
  queued_.push_back({database, {arguments.begin(), arguments.end()}});
}

void Effects::hand_over(size_t database, std::span<const std::string_view> arguments) {
  for (PropagationSink* sink : propagation_sinks_) sink->propagate(database, arguments);
}

void Effects::end_unit(bool together) {
  if (queued_.empty()) return;
  const std::vector<Queued> unit = std::exchange(queued_, {});
  static constexpr std::string_view multi[] = {"MULTI"}, exec[] = {"EXEC"};
  const bool wrapped = together && unit.size() > 1;
  if (wrapped) hand_over(unit.front().database, multi);
  for (const Queued& command : unit) {
    const std::vector<std::string_view> views(command.arguments.begin(), command.arguments.end());
    hand_over(command.database, views);
  }
  if (wrapped) hand_over(unit.back().database, exec);
}

}  // namespace torc::session
