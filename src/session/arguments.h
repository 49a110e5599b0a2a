// OwnedArguments: a request that outlives its tick (a MULTI queue, a blocked client): the bytes in one buffer, large
// ones as blobs.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "resp/request.h"

namespace torc::session {

class OwnedArguments {
 public:
  // Copies the views; takes the blobs over.
  OwnedArguments(std::span<const std::string_view> arguments, std::span<resp::ArgumentBlob> blobs);
  OwnedArguments(OwnedArguments&&) noexcept = default;
  OwnedArguments& operator=(OwnedArguments&&) noexcept = default;

  [[nodiscard]] std::span<const std::string_view> views() const noexcept { return views_; }
  [[nodiscard]] std::span<resp::ArgumentBlob> blobs() noexcept { return blobs_; }
  [[nodiscard]] size_t memory_bytes() const noexcept;

 private:
  std::vector<char> bytes_;
  std::vector<std::string_view> views_;
  std::vector<resp::ArgumentBlob> blobs_;   // indices count from this request's first argument
};

}  // namespace torc::session
