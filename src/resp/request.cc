// A batch's vectors are kept for the next one, unless a single absurd batch made them huge.
#include "resp/request.h"

namespace torc::resp {

namespace {

// What is kept between batches: enough for a deep pipeline, not for one absurd request.
constexpr size_t arguments_kept_max = 4096;
constexpr size_t requests_kept_max = 1024;

template <typename Vector>
void clear_bounded(Vector& vector, size_t kept_max) noexcept {
  if (vector.capacity() > kept_max) {
    Vector().swap(vector);
  } else {
    vector.clear();
  }
}

}  // namespace

size_t RequestList::list_bytes() const noexcept {
  return arguments.size() * sizeof(arguments[0]) + requests.size() * sizeof(requests[0]) +
         blobs.size() * sizeof(blobs[0]);
}

size_t RequestList::kept_bytes() const noexcept {
  return arguments.capacity() * sizeof(arguments[0]) + requests.capacity() * sizeof(requests[0]) +
         blobs.capacity() * sizeof(blobs[0]);
}

void RequestList::clear() noexcept {
  clear_bounded(arguments, arguments_kept_max);
  clear_bounded(requests, requests_kept_max);
  if (!blobs.empty()) clear_bounded(blobs, arguments_kept_max);
  if (!unescaped.empty()) unescaped.clear();
}

}  // namespace torc::resp
