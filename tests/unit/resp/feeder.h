// Feeder: what a connection does around a parser, for tests. It keeps the bytes of the incomplete request, presents
// them at a new address with every call (in a block of exactly their size, so that a sanitizer sees a read beyond the
// end), fills blobs directly and copies the requests that come out.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "resp/parser.h"

namespace torc::resp {

class Feeder {
 public:
  explicit Feeder(ParserLimits limits = {}, size_t requests_max = 1000)
      : limits_(limits), requests_max_(requests_max) {}

  void feed(std::string_view bytes) {
    while (!bytes.empty() && !failed_) {
      std::span<char> room = parser_.blob_room();
      if (room.empty()) {
        kept_.append(bytes);
        parse();
        return;
      }
      size_t part = std::min(room.size(), bytes.size());
      std::memcpy(room.data(), bytes.data(), part);
      parser_.blob_filled(part);
      bytes.remove_prefix(part);
    }
  }

  [[nodiscard]] const std::vector<std::vector<std::string>>& requests() const { return requests_; }
  // The error's text, or empty.
  [[nodiscard]] std::string error() const { return failed_ ? parser_.error() : std::string(); }
  [[nodiscard]] Parser& parser() { return parser_; }
  [[nodiscard]] const std::string& kept() const { return kept_; }
  [[nodiscard]] uint64_t wire_bytes() const { return wire_bytes_; }
  [[nodiscard]] size_t blob_arguments() const { return blob_arguments_; }

 private:
  void parse() {
    while (true) {
      std::vector<char> copy(kept_.begin(), kept_.end());
      Parser::Progress progress = parser_.parse({copy.data(), copy.size()}, limits_, requests_max_, list_);
      take_requests();
      kept_.erase(0, progress.consumed);
      kept_.resize(kept_.size() - progress.absorbed);
      failed_ = progress.status == Parser::Status::error;
      if (progress.status != Parser::Status::list_full) return;
    }
  }

  void take_requests() {
    for (const Request& request : list_.requests) {
      auto& copy = requests_.emplace_back();
      for (std::string_view argument : list_.arguments_of(request)) copy.emplace_back(argument);
      wire_bytes_ += request.wire_bytes;
    }
    blob_arguments_ += list_.blobs.size();
    list_.clear();
  }

  ParserLimits limits_;
  size_t requests_max_;
  Parser parser_;
  RequestList list_;
  std::string kept_;
  bool failed_ = false;
  uint64_t wire_bytes_ = 0;
  size_t blob_arguments_ = 0;
  std::vector<std::vector<std::string>> requests_;
};

}  // namespace torc::resp
