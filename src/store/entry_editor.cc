// Building and changing entries in place where they fit, otherwise in a new block.
#include "store/entry_editor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/memory.h"
#include "base/pages.h"
#include "base/parse_number.h"
#include "store/entry_heap.h"
#include "store/object.h"
#include "store/reclaimer.h"

namespace torc::store {

namespace {

constexpr size_t narrow_key_bytes_max = 255;
// Slots hold addresses in units of 16 bytes; smaller blocks are not aligned to it.
constexpr size_t block_bytes_min = 16;
constexpr size_t deadline_bytes = sizeof(int64_t);

// Room for appending again: doubled up to 1 MiB, beyond that an eighth more, so that appending stays linear on the
// whole.
size_t roomy(size_t bytes) noexcept {
  constexpr size_t doubled_bytes_max = size_t{1} << 20;
  return bytes + std::min(bytes, std::max(doubled_bytes_max, bytes / 8));
}

bool fits(size_t bytes, size_t usable_bytes) noexcept {
  return bytes <= usable_bytes && (bytes * 2 > usable_bytes || usable_bytes <= block_bytes_min);
}

// memcpy wants no null pointer, which an empty view may have.
void copy_bytes(void* out, std::string_view bytes) noexcept {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
}

// The bytes of an entry that is being changed.
char* writable(const char* bytes) noexcept { return const_cast<char*>(bytes); }

// Joins old, padding up to offset, and bytes; what of old lies beyond stays.
void overlay(char* out, std::string_view old, size_t offset, std::string_view bytes) noexcept {
  copy_bytes(out, old);
  if (offset > old.size()) std::memset(out + old.size(), 0, offset - old.size());
  copy_bytes(out + offset, bytes);
}

}  // namespace

size_t EntryEditor::Layout::bytes() const noexcept {
  size_t extension = key.size() > narrow_key_bytes_max ? sizeof(uint64_t) : 0;
  return sizeof(Entry) + extension + (expires ? deadline_bytes : 0) + key.size() + value_size;
}

Entry* EntryEditor::make_shell(const Layout& layout) {
  auto* entry = static_cast<Entry*>(heap_->allocate(std::max(layout.bytes(), block_bytes_min)));
  uint64_t key_size = layout.key.size();
  bool wide = key_size > narrow_key_bytes_max;
  entry->kind_ = 0;
  entry->flags_ = static_cast<uint8_t>((layout.expires ? Entry::flag_deadline : 0) | (wide ? Entry::flag_wide : 0));
  entry->set_access(access_clock_);
  entry->key_size_ = wide ? 0 : static_cast<uint8_t>(key_size);
  entry->value_size_ = static_cast<uint16_t>(layout.value_size);
  if (wide) std::memcpy(writable(entry->extension()), &key_size, sizeof key_size);
  copy_bytes(writable(entry->key_bytes()), layout.key);
  return entry;
}

void EntryEditor::store_deadline(Entry* entry, int64_t deadline_ms) noexcept {
  if (entry->can_expire()) std::memcpy(writable(entry->deadline_bytes()), &deadline_ms, sizeof deadline_ms);
}

void EntryEditor::store_value(Entry* entry, EncodedValue& value) noexcept {
  std::string_view stored = value.stored();
  entry->kind_ = Entry::kind_of(value.encoding(), value.type());
  const int owned = (value.is_blob() ? Entry::flag_blob : 0) | (value.is_object() ? Entry::flag_object : 0);
  entry->flags_ = static_cast<uint8_t>((entry->flags_ & ~Entry::flags_of_value) | owned);
  entry->value_size_ = static_cast<uint16_t>(stored.size());
  copy_bytes(writable(entry->value_bytes()), stored);
  value.give_up_ownership();
}

Entry* EntryEditor::make(std::string_view key, EncodedValue&& value, int64_t deadline_ms) {
  Entry* entry = make_shell({key, deadline_ms != no_deadline, value.stored().size()});
  store_deadline(entry, deadline_ms);
  store_value(entry, value);
  return entry;
}

// Access field, type and value go over, the value with another length if need be; the deadline is the caller's to set.
Entry* EntryEditor::rebuild(Entry* entry, std::string_view key, bool expires, size_t value_size) {
  Entry* made = make_shell({key, expires, value_size});
  made->kind_ = entry->kind_;
  made->flags_ |= entry->flags_ & Entry::flags_of_value;
  made->set_access(entry->access());
  std::memcpy(writable(made->value_bytes()), entry->value_bytes(), std::min<size_t>(entry->value_size_, value_size));
  entry->flags_ &= static_cast<uint8_t>(~Entry::flags_of_value);
  return made;
}

Entry* EntryEditor::rename(Entry* entry, std::string_view key) {
  Entry* made = rebuild(entry, key, entry->can_expire(), entry->value_size_);
  made->set_access(access_clock_);
  store_deadline(made, entry->deadline_ms());
  return made;
}

Entry* EntryEditor::relocate(const Entry* entry) {
  size_t bytes = entry->value_offset() + entry->value_size_;
  auto* made = static_cast<Entry*>(heap_->allocate(std::max(bytes, block_bytes_min)));
  std::memcpy(static_cast<void*>(made), entry, bytes);
  return made;
}

bool EntryEditor::reshape(Entry* entry, bool expires, size_t value_size) noexcept {
  bool shifts = expires != entry->can_expire();
  if (!shifts && value_size == entry->value_size_) return true;  // no look at the block, which costs a cache miss
  size_t offset = entry->value_offset();
  if (shifts) offset = expires ? offset + deadline_bytes : offset - deadline_bytes;
  if (!fits(offset + value_size, base::usable_size(entry))) return false;
  if (shifts) {
    const char* from = entry->key_bytes();
    size_t kept = entry->key_size() + std::min<size_t>(entry->value_size_, value_size);
    entry->flags_ ^= Entry::flag_deadline;
    std::memmove(writable(entry->key_bytes()), from, kept);
  }
  entry->value_size_ = static_cast<uint16_t>(value_size);
  return true;
}

void EntryEditor::drop_value(Entry* entry) noexcept {
  if (entry->is_blob()) reclaimer_->release_overwritten(take_blob(entry));
  if (entry->is_object()) reclaimer_->release_deleted(take_object(entry));
}

base::BlobRef EntryEditor::take_blob(Entry* entry) noexcept {
  base::BlobHeader* header = entry->blob_header();
  entry->flags_ &= static_cast<uint8_t>(~Entry::flag_blob);
  return base::BlobRef::adopt(header);
}

std::unique_ptr<Object> EntryEditor::take_object(Entry* entry) noexcept {
  std::unique_ptr<Object> object(entry->object());
  entry->flags_ &= static_cast<uint8_t>(~Entry::flag_object);
  return object;
}

void EntryEditor::release_hollow(Entry* entry) noexcept {
  TORC_ASSERT(!entry->is_blob() && !entry->is_object());
  reclaimer_->release_hollow(entry);
}

bool EntryEditor::overwrite(Entry* entry, std::string_view text) noexcept {
  if (entry->is_blob()) return overwrite_blob(entry, text);
  // Shorter ones may read as an integer; so neither does the size of a pointer or of an integer come this far.
  if (text.size() != entry->value_size_ || text.size() <= base::integer_digits_max) return false;
  if (entry->type() != Type::string || entry->can_expire()) return false;
  entry->kind_ = Entry::kind_of(text.size() <= embstr_bytes_max ? Encoding::embstr : Encoding::raw);
  std::memcpy(writable(entry->value_bytes()), text.data(), text.size());
  return true;
}

// Only within the block that a new blob would get, more or less.
bool EntryEditor::overwrite_blob(Entry* entry, std::string_view text) noexcept {
  if (text.size() <= inline_value_bytes_max || entry->type() != Type::string || entry->can_expire()) return false;
  base::BlobRef blob = base::BlobRef::adopt(entry->blob_header());
  const bool fits = blob.unique() && text.size() <= blob.capacity() && blob.capacity() - text.size() <= text.size() / 4;
  if (fits) {
    blob.assign(text);
    entry->kind_ = Entry::kind_of(Encoding::raw);
  }
  static_cast<void>(blob.detach());
  return fits;
}

Entry* EntryEditor::replace(Entry* entry, EncodedValue&& value, int64_t deadline_ms) {
  drop_value(entry);
  if (!reshape(entry, deadline_ms != no_deadline, value.stored().size())) {
    uint32_t access = entry->access();
    entry = make(entry->key(), std::move(value), deadline_ms);
    entry->set_access(access);
    return entry;
  }
  store_deadline(entry, deadline_ms);
  store_value(entry, value);
  return entry;
}

Entry* EntryEditor::set_deadline(Entry* entry, int64_t deadline_ms) {
  bool expires = deadline_ms != no_deadline;
  if (!reshape(entry, expires, entry->value_size_)) entry = rebuild(entry, entry->key(), expires, entry->value_size_);
  store_deadline(entry, deadline_ms);
  return entry;
}

Entry* EntryEditor::with_raw(Entry* entry, std::string_view bytes) {
  return replace(entry, EncodedValue::raw(bytes), entry->deadline_ms());
}

Entry* EntryEditor::with_blob(Entry* entry, base::BlobRef blob) {
  return replace(entry, EncodedValue::blob(std::move(blob)), entry->deadline_ms());
}

// The entry's string in a blob that only we hold, with room for bytes_needed. Takes it out of the entry if it is
// already one.
base::BlobRef EntryEditor::writable_blob(Entry* entry, size_t bytes_needed) {
  IntegerScratch scratch;
  base::BlobRef old;
  if (entry->is_blob()) {
    old = take_blob(entry);
    if (old.unique() && old.capacity() >= bytes_needed) return old;
  }
  std::string_view bytes = old ? old.view() : entry->string(scratch);
  base::BlobRef grown = base::BlobRef::make(roomy(bytes_needed));
  copy_bytes(grown.mutable_bytes(), bytes);
  grown.set_size(bytes.size());
  if (old) reclaimer_->release_overwritten(std::move(old));
  return grown;
}

Entry* EntryEditor::resize_inline(Entry* entry, size_t bytes) {
  const int64_t deadline_ms = entry->deadline_ms();
  if (reshape(entry, entry->can_expire(), bytes)) return entry;
  entry = rebuild(entry, entry->key(), entry->can_expire(), bytes);
  store_deadline(entry, deadline_ms);
  return entry;
}

Entry* EntryEditor::resize_packed(Entry* entry, size_t bytes) {
  const std::string_view old = entry->packed();
  if (!entry->is_blob() && bytes <= inline_value_bytes_max) return resize_inline(entry, bytes);
  const Type type = entry->type();
  const Encoding encoding = entry->encoding();
  const int64_t deadline_ms = entry->deadline_ms();
  // A block that shrinks and grows around the limit stays a blob.
  if (bytes <= inline_value_bytes_max / 2) {
    const base::BlobRef blob = take_blob(entry);
    return replace(entry, EncodedValue::packed(type, encoding, blob.view().substr(0, bytes)), deadline_ms);
  }
  const size_t room = bytes + bytes / 16;
  base::BlobRef blob = entry->is_blob() ? take_blob(entry) : base::BlobRef();
  if (!blob || !blob.unique()) {
    base::BlobRef own = base::BlobRef::make(room);
    copy_bytes(own.mutable_bytes(), old.substr(0, bytes));
    blob = std::move(own);
  } else {
    if (blob.size() > bytes) blob.set_size(bytes);
    if (blob.capacity() < bytes || blob.capacity() > 2 * bytes) blob.reserve(room);
  }
  blob.set_size(bytes);
  return replace(entry, EncodedValue::packed(type, encoding, std::move(blob)), deadline_ms);
}

char* EntryEditor::packed_bytes(Entry* entry) noexcept { return writable(entry->packed().data()); }

Entry* EntryEditor::append(Entry* entry, std::string_view bytes) {
  return set_range(entry, entry->string_size(), bytes);
}

Entry* EntryEditor::set_range(Entry* entry, size_t offset, std::string_view bytes) {
  size_t old_size = entry->string_size();
  size_t size = std::max(old_size, offset + bytes.size());
  if (size <= inline_value_bytes_max) {
    IntegerScratch scratch;
    char joined[inline_value_bytes_max];
    overlay(joined, entry->string(scratch), offset, bytes);
    return with_raw(entry, {joined, size});
  }
  base::BlobRef blob = writable_blob(entry, size);
  char* out = blob.mutable_bytes();
  if (offset > old_size) base::clear_bytes(out + old_size, offset - old_size);
  copy_bytes(out + offset, bytes);
  blob.set_size(size);
  return with_blob(entry, std::move(blob));
}

EncodedValue EntryEditor::padded(size_t offset, std::string_view bytes, char (&scratch)[inline_value_bytes_max]) {
  size_t size = offset + bytes.size();
  if (size <= inline_value_bytes_max) {
    overlay(scratch, {}, offset, bytes);
    return EncodedValue::raw({scratch, size});
  }
  base::BlobRef blob = base::BlobRef::make(size);
  base::clear_bytes(blob.mutable_bytes(), offset);
  copy_bytes(blob.mutable_bytes() + offset, bytes);
  blob.set_size(size);
  return EncodedValue::blob(std::move(blob));
}

}  // namespace torc::store
