// A text that is looked for among many, most of which are as long and begin alike ("user:1234:name"): the last bytes
// are compared first, as one word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace torc::ds {

class WantedText {
 public:
  // The text outlives it.
  explicit WantedText(std::string_view text) noexcept : text_(text) {
    if (text.size() >= sizeof(uint64_t)) tail_ = last<uint64_t>(text.data());
    else if (text.size() >= sizeof(uint32_t)) tail_ = last<uint32_t>(text.data());
    else if (text.size() >= sizeof(uint16_t)) tail_ = last<uint16_t>(text.data());
  }
  [[nodiscard]] size_t size() const noexcept { return text_.size(); }
  // size() bytes can be read there.
  [[nodiscard]] bool is_at(const char* at) const noexcept {
    if (size() >= sizeof(uint64_t)) return last<uint64_t>(at) == tail_ && begins<uint64_t>(at);
    if (size() >= sizeof(uint32_t)) return last<uint32_t>(at) == tail_ && begins<uint32_t>(at);
    if (size() >= sizeof(uint16_t)) return last<uint16_t>(at) == tail_ && *at == text_[0];
    return size() == 0 || *at == text_[0];
  }

 private:
  template <class Word>
  [[nodiscard]] Word last(const char* at) const noexcept {
    Word word;
    std::memcpy(&word, at + size() - sizeof word, sizeof word);
    return word;
  }
  // What stands before the last word is equal, too.
  template <class Word>
  [[nodiscard]] bool begins(const char* at) const noexcept {
    return std::memcmp(at, text_.data(), size() - sizeof(Word)) == 0;
  }

  std::string_view text_;
  uint64_t tail_ = 0;
};

}  // namespace torc::ds
