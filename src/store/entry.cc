// Reading entries; what writes them is entry_editor.cc.
#include "store/entry.h"

#include "base/assert.h"
#include "base/memory.h"
#include "base/parse_number.h"
#include "base/prefetch.h"
#include "store/object.h"

namespace torc::store {

std::string_view type_name(Type type) noexcept {
  switch (type) {
    case Type::string: return "string";
    case Type::list: return "list";
    case Type::set: return "set";
    case Type::zset: return "zset";
    case Type::hash: return "hash";
    case Type::stream: return "stream";
  }
  return "unknown";
}

std::string_view encoding_name(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::raw: return "raw";
    case Encoding::integer: return "int";
    case Encoding::embstr: return "embstr";
    case Encoding::listpack: return "listpack";
    case Encoding::intset: return "intset";
    case Encoding::quicklist: return "quicklist";
    case Encoding::hashtable: return "hashtable";
    case Encoding::skiplist: return "skiplist";
    case Encoding::stream: return "stream";
  }
  return "unknown";
}

int64_t Entry::integer() const noexcept {
  TORC_ASSERT(is_integer());
  int64_t value;
  std::memcpy(&value, value_bytes(), sizeof value);
  return value;
}

std::string_view Entry::string_elsewhere(IntegerScratch& scratch) const noexcept {
  TORC_ASSERT(type() == Type::string);
  if (is_blob()) return blob_view();
  return {scratch, base::format_integer(scratch, integer())};
}

base::BlobHeader* Entry::blob_header() const noexcept {
  TORC_ASSERT(is_blob());
  base::BlobHeader* header;
  std::memcpy(&header, value_bytes(), sizeof header);
  return header;
}

base::BlobRef Entry::blob() const noexcept {
  base::BlobHeader* header = blob_header();
  ++header->references;
  return base::BlobRef::adopt(header);
}

void Entry::prefetch_blob(size_t bytes) const noexcept {
  const char* const head = reinterpret_cast<const char*>(blob_header());
  for (size_t i = 0; i < bytes; i += 64) base::prefetch(head + i);
}

std::string_view Entry::blob_view() const noexcept {
  const base::BlobHeader* header = blob_header();
  return {reinterpret_cast<const char*>(header + 1), header->size};
}

Object* Entry::object() const noexcept {
  TORC_ASSERT(is_object());
  Object* object;
  std::memcpy(&object, value_bytes(), sizeof object);
  return object;
}

std::string_view Entry::packed() const noexcept {
  TORC_ASSERT(type() != Type::string && !is_object());
  if (is_blob()) return blob_view();
  return {value_bytes(), value_size_};
}

size_t Entry::string_size() const noexcept {
  IntegerScratch scratch;
  return string(scratch).size();
}

size_t Entry::memory_bytes() const noexcept {
  size_t bytes = base::usable_size(this);
  if (is_blob()) bytes += base::usable_size(blob_header());
  if (is_object()) bytes += object()->memory_bytes();
  return bytes;
}

}  // namespace torc::store
