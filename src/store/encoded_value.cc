// The choice of encoding, made once for all commands that store a string.
#include "store/encoded_value.h"

#include <utility>

#include "base/parse_number.h"

namespace torc::store {

namespace {

// The bytes stay where they are: whoever gave the input may still look at them (what is propagated is read after the
// command has run). So a blob's room is its maker's affair; the parser's blobs have no more than the allocator rounds
// up.
base::BlobRef take_over(StringInput input) {
  const bool holds_just_it = input.blob && *input.blob && input.blob->size() == input.bytes.size();
  if (holds_just_it) return std::move(*input.blob);
  base::BlobRef blob = base::BlobRef::make(input.bytes.size());
  blob.assign(input.bytes);
  return blob;
}

}  // namespace

void EncodedValue::point_to(const void* owned) noexcept {
  in_word_ = true;
  word_ = reinterpret_cast<uint64_t>(owned);
}

EncodedValue EncodedValue::blob(base::BlobRef blob) noexcept {
  return packed(Type::string, Encoding::raw, std::move(blob));
}

EncodedValue EncodedValue::packed(Type type, Encoding encoding, base::BlobRef block) noexcept {
  EncodedValue encoded(encoding, type);
  encoded.blob_ = std::move(block);
  encoded.point_to(encoded.blob_.get());
  return encoded;
}

EncodedValue EncodedValue::packed(Type type, Encoding encoding, std::string_view block) {
  if (block.size() > inline_value_bytes_max) return packed(type, encoding, base::BlobRef::copy_of(block));
  EncodedValue encoded(encoding, type);
  encoded.inline_bytes_ = block;
  return encoded;
}

EncodedValue EncodedValue::object(Type type, Encoding encoding, std::unique_ptr<Object> object) noexcept {
  EncodedValue encoded(encoding, type);
  encoded.object_ = std::move(object);
  encoded.point_to(encoded.object_.get());
  return encoded;
}

EncodedValue EncodedValue::string(StringInput input) {
  if (input.bytes.size() <= base::integer_digits_max && !input.keep_text) {
    if (auto number = base::parse_integer(input.bytes)) return integer(*number);
  }
  if (input.bytes.size() > inline_value_bytes_max) return blob(take_over(input));
  EncodedValue encoded = raw(input.bytes);
  if (input.bytes.size() <= embstr_bytes_max) encoded.encoding_ = Encoding::embstr;
  return encoded;
}

EncodedValue EncodedValue::of(const Entry& entry) {
  if (entry.is_object()) return object(entry.type(), entry.encoding(), entry.object()->copy());
  if (entry.is_blob()) return packed(entry.type(), entry.encoding(), entry.blob());
  if (entry.type() != Type::string) return packed(entry.type(), entry.encoding(), entry.packed());
  if (entry.is_integer()) return integer(entry.integer());
  IntegerScratch scratch;
  EncodedValue encoded = raw(entry.string(scratch));
  encoded.encoding_ = entry.encoding();
  return encoded;
}

}  // namespace torc::store
