// One buffer for all short arguments: a queued command costs two allocations, not one per argument.
#include "session/arguments.h"

#include <cstring>
#include <utility>

namespace torc::session {

namespace {

size_t total_bytes(std::span<const std::string_view> arguments) noexcept {
  size_t bytes = 0;
  for (const std::string_view argument : arguments) bytes += argument.size();
  return bytes;
}

}  // namespace

OwnedArguments::OwnedArguments(std::span<const std::string_view> arguments, std::span<resp::ArgumentBlob> blobs) {
  views_.assign(arguments.begin(), arguments.end());
  for (resp::ArgumentBlob& blob : blobs) {
    blobs_.push_back({blob.argument, std::move(blob.blob)});
    views_[blob.argument] = {};
  }
  bytes_.resize(total_bytes(views_));
  char* next = bytes_.data();
  for (std::string_view& view : views_) {
    if (view.empty()) continue;
    std::memcpy(next, view.data(), view.size());
    view = {next, view.size()};
    next += view.size();
  }
  for (const resp::ArgumentBlob& blob : blobs_) views_[blob.argument] = blob.blob.view();
}

size_t OwnedArguments::memory_bytes() const noexcept {
  return bytes_.capacity() + views_.capacity() * sizeof(std::string_view) + total_bytes(views_) - bytes_.size();
}

}  // namespace torc::session
