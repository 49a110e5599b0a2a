// Effects: what a command does to the world outside the keyspace: keyspace events, and the commands that log and
// replicas must run to follow. Both leave through sinks that src/server wires; while nobody listens, they cost one
// test.
//
// Propagated commands are gathered until the execution unit ends. A unit that propagates several is wrapped in
// MULTI/EXEC, as Redis 7.2 does.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace torc::session {

// The letters of notify-keyspace-events.
enum EventClass : uint32_t {
  event_keyspace = 1 << 0,  // K
  event_keyevent = 1 << 1,  // E
  event_generic = 1 << 2,   // g
  event_string = 1 << 3,    // $
  event_list = 1 << 4,      // l
  event_set = 1 << 5,       // s
  event_hash = 1 << 6,      // h
  event_zset = 1 << 7,      // z
  event_expired = 1 << 8,   // x
  event_evicted = 1 << 9,   // e
  event_stream = 1 << 10,   // t
  event_keymiss = 1 << 11,  // m
  event_module = 1 << 13,   // d
  event_new = 1 << 14,      // n
  event_all = event_generic | event_string | event_list | event_set | event_hash | event_zset | event_expired |
              event_evicted | event_stream | event_module,  // A
};

// "KEA" → flags; nullopt-like -1 for a letter that does not exist.
[[nodiscard]] int64_t parse_event_classes(std::string_view letters) noexcept;
[[nodiscard]] std::string format_event_classes(uint32_t classes);

class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void event(uint32_t event_class, std::string_view event, std::string_view key, size_t database) = 0;
};

class PropagationSink {
 public:
  virtual ~PropagationSink() = default;
  // One command, in the order in which a replica must run them; MULTI and EXEC come as commands of their own.
  virtual void propagate(size_t database, std::span<const std::string_view> arguments) = 0;
};

// The effects of the execution unit under way.
class Effects {
 public:
  void add_event_sink(EventSink* sink) { event_sinks_.push_back(sink); }
  void add_propagation_sink(PropagationSink* sink) { propagation_sinks_.push_back(sink); }
  void set_event_classes(uint32_t classes) noexcept { event_classes_ = classes; }
  [[nodiscard]] uint32_t event_classes() const noexcept { return event_classes_; }
  [[nodiscard]] bool propagating() const noexcept { return !propagation_sinks_.empty(); }

  void notify(uint32_t event_class, std::string_view event, std::string_view key, size_t database) {
    if (!event_sinks_.empty()) emit(event_class, event, key, database);
  }
  // Queues a command for the end of the unit; the bytes are copied.
  void propagate(size_t database, std::span<const std::string_view> arguments);
  void propagate(size_t database, std::initializer_list<std::string_view> arguments) {
    propagate(database, std::span(arguments.begin(), arguments.size()));
  }
  // Hands the queued commands to the sinks, wrapped in MULTI/EXEC when there are several.
  // together = false: not wrapped, as Redis does for a unit that met keys by chance and expired them (SCAN).
  void end_unit(bool together = true);

 private:
  struct Queued {
    size_t database;
    std::vector<std::string> arguments;
  };
  void emit(uint32_t event_class, std::string_view event, std::string_view key, size_t database);
  void hand_over(size_t database, std::span<const std::string_view> arguments);
  std::vector<EventSink*> event_sinks_;
  std::vector<PropagationSink*> propagation_sinks_;
  uint32_t event_classes_ = 0;
  std::vector<Queued> queued_;
};

}  // namespace torc::session
