// Requests as the parser hands them on: argument lists whose bytes stay where they arrived. Nothing is allocated per
// request; the vectors keep their capacity from batch to batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"

namespace torc::resp {

// One request: arguments[first .. first + count).
struct Request {
  uint32_t first_argument;
  uint32_t argument_count;  // ≥ 1
  uint32_t wire_bytes;      // what it took on the wire (saturating)
};

// An argument that was received into a blob of its own; its view in `arguments` points into it.
struct ArgumentBlob {
  uint32_t argument;
  base::BlobRef blob;
};

// Views point into the input that was parsed, into `blobs` or into `unescaped`, and live as long as these.
struct RequestList {
  std::vector<std::string_view> arguments;
  std::vector<Request> requests;
  std::vector<ArgumentBlob> blobs;      // ascending by argument; usually empty
  std::deque<std::string> unescaped;    // arguments of inline requests

  [[nodiscard]] std::span<const std::string_view> arguments_of(const Request& request) const noexcept {
    return {arguments.data() + request.first_argument, request.argument_count};
  }
  [[nodiscard]] bool empty() const noexcept { return requests.empty(); }
  // What the lists take, without the bytes that they name.
  [[nodiscard]] size_t list_bytes() const noexcept;
  // Forgets the requests and drops the blobs; keeps capacity (up to a bound).
  void clear() noexcept;
  // What that capacity takes.
  [[nodiscard]] size_t kept_bytes() const noexcept;
};

}  // namespace torc::resp
