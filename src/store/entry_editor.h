// EntryEditor: builds entries and changes them. An entry is changed where it is when the result fits its block and
// leaves less than half of it unused; otherwise it is built anew and the caller gets another address.
//
// A function that takes an entry and returns one may return a new one. Then the old one is hollow: its value was
// dropped or went over, its key is still readable, and the caller gives it back with release_hollow() once nothing
// refers to it any more. (The table's slot is found by the key of the old entry, so that one has to outlive the
// exchange.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/blob.h"
#include "store/encoded_value.h"
#include "store/entry.h"

namespace torc::store {

class EntryHeap;
class Reclaimer;

class EntryEditor {
 public:
  EntryEditor(EntryHeap* heap, Reclaimer* reclaimer) noexcept : heap_(heap), reclaimer_(reclaimer) {}

  // The access field of new entries from now on; 0 at first.
  void set_access_clock(uint32_t access) noexcept { access_clock_ = access; }

  // A new entry. Bytes of value must not lie in an entry that is being changed (this holds for all below).
  [[nodiscard]] Entry* make(std::string_view key, EncodedValue&& value, int64_t deadline_ms);
  // A new entry under another key with the value and deadline of entry, which is hollow then; access field as of a
  // new one.
  [[nodiscard]] Entry* rename(Entry* entry, std::string_view key);
  // The same entry in a new block of the newest heap.
  [[nodiscard]] Entry* relocate(const Entry* entry);

  // What most SETs are: text over text of the same size, or of about the size where it lies in a blob of its own, no
  // deadline before. False, and nothing done, otherwise.
  [[nodiscard]] static bool overwrite(Entry* entry, std::string_view text) noexcept;
  [[nodiscard]] Entry* replace(Entry* entry, EncodedValue&& value, int64_t deadline_ms);
  [[nodiscard]] Entry* set_deadline(Entry* entry, int64_t deadline_ms);
  // Both leave a raw string; size limits are the caller's.
  [[nodiscard]] Entry* append(Entry* entry, std::string_view bytes);
  [[nodiscard]] Entry* set_range(Entry* entry, size_t offset, std::string_view bytes);
  // The string that SETRANGE makes of nothing.
  [[nodiscard]] static EncodedValue padded(size_t offset, std::string_view bytes,
                                           char (&scratch)[inline_value_bytes_max]);

  // --- packed values (not strings) ---
  // The value becomes `bytes` long, and nobody shares it afterwards; the bytes up to the shorter length stay.
  [[nodiscard]] Entry* resize_packed(Entry* entry, size_t bytes);
  // Where they are, to be changed: only behind resize_packed(), until the next change.
  [[nodiscard]] static char* packed_bytes(Entry* entry) noexcept;

  void release_hollow(Entry* entry) noexcept;
  // Takes the reference out of an entry that holds a blob; what is left is hollow.
  [[nodiscard]] static base::BlobRef take_blob(Entry* entry) noexcept;
  [[nodiscard]] static std::unique_ptr<Object> take_object(Entry* entry) noexcept;

 private:
  struct Layout {
    std::string_view key;
    bool expires;
    size_t value_size;
    [[nodiscard]] size_t bytes() const noexcept;
  };

  [[nodiscard]] Entry* make_shell(const Layout& layout);
  [[nodiscard]] Entry* rebuild(Entry* entry, std::string_view key, bool expires, size_t value_size);
  [[nodiscard]] Entry* resize_inline(Entry* entry, size_t bytes);
  // Makes room in the block for this presence of a deadline and this size of the value, if it fits. What was the value
  // is undefined afterwards.
  [[nodiscard]] static bool reshape(Entry* entry, bool expires, size_t value_size) noexcept;
  [[nodiscard]] Entry* with_raw(Entry* entry, std::string_view bytes);
  [[nodiscard]] base::BlobRef writable_blob(Entry* entry, size_t bytes_needed);
  [[nodiscard]] Entry* with_blob(Entry* entry, base::BlobRef blob);
  [[nodiscard]] static bool overwrite_blob(Entry* entry, std::string_view text) noexcept;
  void drop_value(Entry* entry) noexcept;
  static void store_value(Entry* entry, EncodedValue& value) noexcept;
  static void store_deadline(Entry* entry, int64_t deadline_ms) noexcept;

  EntryHeap* heap_;
  Reclaimer* reclaimer_;
  uint32_t access_clock_ = 0;
};

}  // namespace torc::store
