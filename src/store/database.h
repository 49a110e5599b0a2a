// Database: the keys of one SELECT number: a table of entries and the index of those that can expire. It knows neither
// clients nor events: lazy expiry, WATCH, statistics and propagation are the gates' affair (session/context.h).
//
// Entry pointers are good until the next change of the same database.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "ds/listpack.h"
#include "store/encoded_value.h"
#include "store/entry.h"
#include "store/entry_editor.h"

namespace torc::store {

// A key and its hash under the server's hash key, computed once per command.
struct KeyRef {
  std::string_view bytes;
  uint64_t hash;
};

// What the databases of one server share (database_shared.h). Owned by Keyspace.
struct DatabaseShared;

class Database {
 public:
  explicit Database(DatabaseShared* shared);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  [[nodiscard]] size_t size() const noexcept;
  [[nodiscard]] size_t expiring_size() const noexcept;  // keys with a deadline

  // The entry, overdue or not; null when there is none.
  [[nodiscard]] Entry* find(const KeyRef& key) const noexcept;
  // Stage one and two of looking ahead: the bucket's line; then, when it is there, the lines of the entries that may
  // match.
  void prefetch_bucket(uint64_t hash) const noexcept;
  void prefetch_entry(uint64_t hash) const noexcept;

  // Sets key to a string, encoded as Redis would (int, embstr, raw). old is find()'s result (may be null); its value is
  // replaced, its access field kept. deadline_ms: the new deadline or no_deadline. Returns the entry.
  Entry* set_string(const KeyRef& key, Entry* old, StringInput value, int64_t deadline_ms);
  // Sets an integer-encoded string; keeps old's deadline.
  Entry* set_integer(const KeyRef& key, Entry* old, int64_t value);
  // Sets a string that is raw whatever it reads as; keeps old's deadline.
  Entry* set_raw(const KeyRef& key, Entry* old, std::string_view bytes);
  // Appends to the string old, which becomes raw-encoded; a shared blob is copied first.
  Entry* append(const KeyRef& key, Entry* old, std::string_view bytes);
  // Overwrites from offset, padding with NULs; old may be null (then a new raw string). Becomes raw-encoded.
  Entry* set_range(const KeyRef& key, Entry* old, size_t offset, std::string_view bytes);

  // --- values of other types ---
  // Sets key to a packed value (a copy of the block) or to an object. What old held is let go; its deadline and access
  // field stay.
  Entry* set_packed(const KeyRef& key, Entry* old, Type type, Encoding encoding, std::string_view block);
  Entry* set_object(const KeyRef& key, Entry* old, Type type, Encoding encoding, std::unique_ptr<Object> object);
  // Makes a packed value `bytes` long; what was there up to the shorter length stays. Returns the entry, whose block
  // may be written until the next change: packed_bytes().
  Entry* resize_packed(const KeyRef& key, Entry* entry, size_t bytes);
  [[nodiscard]] static char* packed_bytes(Entry* entry) noexcept { return EntryEditor::packed_bytes(entry); }
  // Carries out a plan on a value that is a listpack. `gap` is where the edit's inserted bytes are to be written.
  struct Spliced {
    Entry* entry;
    char* gap;
  };
  Spliced splice(const KeyRef& key, Entry* entry, const ds::ListpackEdit& edit);

  // A part of a value that is gone, or an object that never became one; freed in slices.
  void let_go(std::unique_ptr<Object> object);

  // Sets or (no_deadline) removes the deadline; returns the entry, which may have moved.
  Entry* set_deadline(const KeyRef& key, Entry* entry, int64_t deadline_ms);
  // Deadlines of fields of this hash were set; expiry finds them afterwards.
  void index_fields(const KeyRef& key, Entry* entry);
  // Removes the entry; what is expensive to free goes through the reclaimer in slices.
  void erase(const KeyRef& key, Entry* entry);
  // Moves the value and deadline of `entry` (key `from`) to the key `to` of `target`, which must not exist there.
  Entry* move_to(const KeyRef& from, Entry* entry, Database& target, const KeyRef& to);
  // The same with a copy: blobs are shared, objects copied.
  Entry* copy_to(const Entry& entry, Database& target, const KeyRef& to) const;

  // An entry chosen uniformly; null when empty.
  [[nodiscard]] Entry* random(base::Random& random) const;
  // Of those with a deadline; null when there is none.
  [[nodiscard]] Entry* random_expiring(base::Random& random) const;
  // Fills out with independent uniform choices (the same entry may come twice) among all entries or those with a
  // deadline; with each of them once when there is room for all. Returns how many were written. Their first lines are
  // on the way.
  size_t sample(std::span<Entry*> out, bool expiring_only, base::Random& random) const;
  // The entry whose deadline comes first; null when there is none.
  [[nodiscard]] Entry* first_to_expire() const;
  // The same if that deadline is earlier than now_ms; null otherwise.
  [[nodiscard]] Entry* first_overdue(int64_t now_ms) const;
  // Hashes some of whose fields may expire; and one in which some may be overdue, or null. It can be that those were
  // removed meanwhile: index_fields() then puts the index right.
  [[nodiscard]] size_t hashes_with_deadlines() const noexcept;
  [[nodiscard]] Entry* first_with_overdue_fields(int64_t now_ms) const;
  // Redis's SCAN guarantee; 0 begins and ends. Visits about count entries (home buckets are not divided).
  uint64_t scan(uint64_t cursor, size_t count, const std::function<void(const Entry&)>& visit) const;
  // Every entry; the database must not change meanwhile.
  void for_each(const std::function<void(const Entry&)>& visit) const;

  // Mean deadline minus now, in milliseconds, estimated from a sample (INFO's avg_ttl).
  [[nodiscard]] int64_t average_ttl_ms(int64_t now_ms, base::Random& random) const;

  // Empties the database at once; entries are freed by the reclaimer in slices.
  void clear();
  void swap(Database& other) noexcept;

  // A slice of the present round of compaction (entry_heap.h, which must be compacting): goes on for about *budget
  // units of 100 ns, moves what the round moves, and takes from *budget what it used. True when the round is complete
  // here.
  bool compact_some(size_t* budget);
  // Text for DEBUG HTSTATS.
  [[nodiscard]] std::string table_statistics() const;
  [[nodiscard]] size_t table_bytes() const noexcept;
  [[nodiscard]] size_t expires_bytes() const noexcept;

 private:
  struct State;
  Entry* insert(const KeyRef& key, Entry* made);
  Entry* settle(const KeyRef& key, Entry* old, Entry* made, int64_t deadline_before_ms);
  Entry* replace(const KeyRef& key, Entry* old, EncodedValue&& value, int64_t deadline_ms);

  std::unique_ptr<State> state_;  // keeps this header light; costs one load that is always in the cache
};

}  // namespace torc::store
