// Context: one command being executed. Everything a handler may touch is reached from here: the arguments, the reply,
// and the keyspace through its two gates.
//
//   read gate   read():  lazy expiry, hits and misses, access time
//   write gate  write(), then changed()/touched(): lazy expiry, WATCH, dirty counter, events, keys that became ready
//
// A handler parses, calls the store once, replies. What a replica must run is the command itself whenever it was
// counted as a change (add_dirty), unless the handler says otherwise with propagate_as().
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "resp/reply.h"
#include "session/client.h"
#include "session/effects.h"
#include "store/database.h"

namespace torc::session {

class Session;
struct Command;

// Replies that many handlers share.
namespace errors {
inline constexpr std::string_view wrong_type = "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr std::string_view not_integer = "ERR value is not an integer or out of range";
inline constexpr std::string_view not_float = "ERR value is not a valid float";
inline constexpr std::string_view syntax = "ERR syntax error";
inline constexpr std::string_view no_such_key = "ERR no such key";
inline constexpr std::string_view out_of_range = "ERR index out of range";
inline constexpr std::string_view not_positive = "ERR value is out of range, must be positive";
}  // namespace errors

class Context {
 public:
  Context(Session* session, Client* client, Command* command, std::span<const std::string_view> arguments,
          std::span<resp::ArgumentBlob> blobs) noexcept
      : session_(session), client_(client), command_(command), arguments_(arguments), blobs_(blobs) {}

  // --- the request ---
  [[nodiscard]] size_t size() const noexcept { return arguments_.size(); }
  [[nodiscard]] std::string_view operator[](size_t i) const noexcept { return arguments_[i]; }
  [[nodiscard]] std::span<const std::string_view> arguments() const noexcept { return arguments_; }
  // Argument i as a string's value: with its blob when it came in one (the store takes it over).
  [[nodiscard]] store::StringInput value(size_t i) noexcept;
  // Argument i as a key; its hash is taken from the look-ahead when that computed it.
  [[nodiscard]] store::KeyRef key(size_t i) const noexcept {
    return i == hashed_argument_ ? store::KeyRef{arguments_[i], hash_} : make_key(arguments_[i]);
  }
  [[nodiscard]] store::KeyRef make_key(std::string_view bytes) const noexcept;
  [[nodiscard]] Command& command() const noexcept { return *command_; }
  [[nodiscard]] Client& client() const noexcept { return *client_; }
  [[nodiscard]] Session& session() const noexcept { return *session_; }
  template <class Module>
  [[nodiscard]] Module& module() const noexcept {
    return *static_cast<Module*>(module_pointer());
  }
  // Null where the rows were added without a module.
  template <typename Module>
  [[nodiscard]] Module* module_if_any() const noexcept {
    return static_cast<Module*>(module_pointer());
  }

  // --- the reply ---
  [[nodiscard]] resp::Reply& reply() const noexcept { return client_->reply; }
  // Replies with the error and returns false, so that a check can be one line.
  bool fail(std::string_view error) const {
    reply().error(error);
    return false;
  }
  // Numbers among the arguments; nullopt: the error (not_integer unless another is given) was replied.
  [[nodiscard]] std::optional<int64_t> integer(size_t i, std::string_view error = errors::not_integer) const;
  // How long to wait at most, in seconds with a fraction or (XREAD) in milliseconds, as a deadline for Wait; nullopt:
  // the error was replied.
  [[nodiscard]] std::optional<int64_t> timeout(size_t argument) const;
  [[nodiscard]] std::optional<int64_t> timeout_ms(size_t argument) const;

  // --- waiting (blocking.h) ---
  // The client waits for the keys of its database, and the handler returns without a reply: the command is executed
  // again when a key is ready, and keeps its first deadline then. False: it may not wait here (inside EXEC or a
  // script), and the handler answers as though the time were over.
  [[nodiscard]] bool wait(std::span<const std::string_view> keys, const Wait& wait);

  // --- time ---
  [[nodiscard]] int64_t now_ms() const noexcept;  // wall clock, still within a unit

  // --- the keyspace ---
  [[nodiscard]] store::Database& database() const noexcept;
  [[nodiscard]] size_t database_index() const noexcept { return client_->database; }
  // Read gate. touch = false for commands that must not change the access time (TTL, OBJECT, TYPE ...);
  // statistics = false where Redis counts neither hit nor miss.
  const store::Entry* read(const store::KeyRef& key, bool touch = true, bool statistics = true);
  // Write gate: the entry to be changed or null. Counts neither hit nor miss.
  store::Entry* write(const store::KeyRef& key) { return write_in(client_->database, key); }
  store::Entry* write_in(size_t database, const store::KeyRef& key);
  // read()/write() in one for a type: replies WRONGTYPE and returns false when the entry is of another type.
  [[nodiscard]] bool require_type(const store::Entry* entry, store::Type type) const;

  // --- effects ---
  // The value under key changed: WATCH, tracking, readiness. No event, no dirty.
  void touched(std::string_view key) { touched_in(client_->database, key); }
  void touched_in(size_t database, std::string_view key);
  void notify(uint32_t event_class, std::string_view event, std::string_view key) {
    notify_in(client_->database, event_class, event, key);
  }
  // A key came into being (the "new" event, readiness of blocked clients); before its own event.
  void added(std::string_view key) { added_in(client_->database, key); }
  void added_in(size_t database, std::string_view key);
  // Something was added under a key that existed and may be waited for (XADD); added() implies it.
  void ready(std::string_view key);
  void notify_in(size_t database, uint32_t event_class, std::string_view event, std::string_view key);
  void add_dirty(int64_t changes) noexcept;
  // touched + notify + one change: what most handlers end with.
  void changed(std::string_view key, uint32_t event_class, std::string_view event) {
    touched(key);
    notify(event_class, event, key);
    add_dirty(1);
  }
  // What is propagated instead of the arguments; copied. Call several times for several commands.
  void propagate_as(std::initializer_list<std::string_view> arguments);
  void propagate_as(std::span<const std::string_view> arguments);
  void propagate_in(size_t database, std::span<const std::string_view> arguments);
  // Nothing is propagated even if dirty changed.
  void propagate_nothing() noexcept { propagation_ = Propagation::replaced; }

  // --- secrets ---
  // Argument i is not for logs: whoever shows the command (SLOWLOG, MONITOR) writes redacted_text instead.
  void redact(size_t i) noexcept { redacted_ |= uint64_t{1} << (i < redacted_beyond ? i : redacted_beyond); }
  [[nodiscard]] bool redacted(size_t i) const noexcept {
    return redacted_ >> (i < redacted_beyond ? i : redacted_beyond) & 1;
  }
  static constexpr std::string_view redacted_text = "(redacted)";

 private:
  friend class Session;
  enum class Propagation : uint8_t { itself, replaced };
  static constexpr size_t redacted_beyond = 63;  // this bit stands for all arguments from here on
  void* module_pointer() const noexcept;
  Session* session_;
  Client* client_;
  Command* command_;
  std::span<const std::string_view> arguments_;
  std::span<resp::ArgumentBlob> blobs_;
  std::vector<base::BlobRef> kept_blobs_;  // until the command is propagated
  size_t hashed_argument_ = SIZE_MAX;
  uint64_t hash_ = 0;
  uint64_t redacted_ = 0;
  Propagation propagation_ = Propagation::itself;
};

}  // namespace torc::session
