// EncodedValue: a value in the form in which an entry stores it, on its way into one. For strings Redis's rule decides
// the form: what reads as a canonical int64 is an integer, up to 44 bytes are embstr, the rest is raw (in the entry up
// to 1023 bytes, beyond that in a blob). The packed block of another type is stored the same way.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/blob.h"
#include "store/entry.h"
#include "store/object.h"

namespace torc::store {

// What a string is made from: bytes, and the blob that holds exactly them if they came in one (it may be taken over;
// then *blob is empty afterwards, and the bytes are good as long as the value).
struct StringInput {
  std::string_view bytes;
  base::BlobRef* blob = nullptr;
  bool keep_text = false;   // a text even if it reads as an integer, as INCRBYFLOAT leaves it
};

class EncodedValue {
 public:
  static EncodedValue integer(int64_t value) noexcept {
    EncodedValue encoded(Encoding::integer);
    encoded.word_ = static_cast<uint64_t>(value);
    return encoded;
  }
  // Raw whatever the size; the bytes stay where they are. At most inline_value_bytes_max.
  static EncodedValue raw(std::string_view bytes) noexcept {
    EncodedValue encoded(Encoding::raw);
    encoded.inline_bytes_ = bytes;
    return encoded;
  }
  // Raw, in the blob.
  static EncodedValue blob(base::BlobRef blob) noexcept;
  // As Redis would encode it.
  static EncodedValue string(StringInput input);
  // A block of a type that is not string; copied if it is too long to be inline, otherwise it stays where it is.
  static EncodedValue packed(Type type, Encoding encoding, std::string_view block);
  // The same for a block that already is a blob.
  static EncodedValue packed(Type type, Encoding encoding, base::BlobRef block) noexcept;
  static EncodedValue object(Type type, Encoding encoding, std::unique_ptr<Object> object) noexcept;
  // The value of the entry as it is; a blob is shared, an object copied.
  static EncodedValue of(const Entry& entry);

  EncodedValue(EncodedValue&&) noexcept = default;

  [[nodiscard]] Type type() const noexcept { return type_; }
  [[nodiscard]] Encoding encoding() const noexcept { return encoding_; }
  [[nodiscard]] bool is_object() const noexcept { return static_cast<bool>(object_); }
  [[nodiscard]] bool is_blob() const noexcept { return static_cast<bool>(blob_); }
  // What the entry stores; good as long as this object.
  [[nodiscard]] std::string_view stored() const noexcept {
    return in_word_ ? std::string_view(reinterpret_cast<const char*>(&word_), sizeof word_) : inline_bytes_;
  }
  // The entry has stored the pointer and owns what it points to now.
  void give_up_ownership() noexcept {
    static_cast<void>(blob_.detach());
    static_cast<void>(object_.release());
  }

 private:
  explicit EncodedValue(Encoding encoding, Type type = Type::string) noexcept
      : type_(type), encoding_(encoding), in_word_(encoding == Encoding::integer) {}
  void point_to(const void* owned) noexcept;

  Type type_;
  Encoding encoding_;
  bool in_word_;                     // an integer, or the pointer to a blob or object
  uint64_t word_ = 0;
  std::string_view inline_bytes_;
  base::BlobRef blob_;
  std::unique_ptr<Object> object_;
};

}  // namespace torc::store
