// Reply: writes one client's replies in the protocol version that it speaks. One function per reply type of the
// protocol; where RESP2 lacks a type, the form that Redis 7.2 sends instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/blob.h"
#include "resp/output.h"

namespace torc::resp {

class Reply {
 public:
  Reply(Output* output, int protocol) noexcept : output_(output), protocol_(protocol) {}

  [[nodiscard]] int protocol() const noexcept { return protocol_; }
  void set_protocol(int protocol) noexcept { protocol_ = protocol; }   // 2 or 3
  [[nodiscard]] Output& output() noexcept { return *output_; }
  // Redirects what follows (CLIENT REPLY OFF writes into an output that is thrown away).
  void set_output(Output* output) noexcept { output_ = output; }

  void status(std::string_view text);                  // +text
  void ok() { literal("+OK\r\n"); }
  // text begins with its code ("ERR ...", "WRONGTYPE ..."); CR and LF at its end are dropped, others become spaces.
  // Counts errors().
  void error(std::string_view text);
  void integer(int64_t value);
  void bulk(std::string_view bytes);
  void bulk(const base::BlobRef& blob) { bulk(blob, blob.view()); }
  void bulk(const base::BlobRef& blob, std::string_view part);   // part lies within the blob
  void bulk_integer(int64_t value);                    // the digits as a bulk string
  void null() { protocol_ == 2 ? literal("$-1\r\n") : literal("_\r\n"); }
  void null_array() { protocol_ == 2 ? literal("*-1\r\n") : literal("_\r\n"); }
  void array(size_t count);
  void map(size_t pairs);                              // *2n | %n
  void set(size_t count);                              // *n | ~n
  void push(size_t count);                             // *n | >n
  void attribute(size_t pairs);                        // RESP3 only: asserted
  void number(double value);                           // bulk | ,value
  void human_number(long double value);                // the same without an exponent, as INCRBYFLOAT prints
  void big_number(std::string_view digits);            // bulk | (digits
  void boolean(bool value);                            // :1 or :0 | #t or #f
  void verbatim(std::string_view format, std::string_view text);   // bulk | =n txt:...; format is 3 characters
  void empty_array() { array(0); }
  void raw(std::string_view bytes);                    // protocol bytes, any size

  // A collection whose size is known only afterwards.
  [[nodiscard]] Output::Mark defer() { return output_->mark(); }
  void end_array(Output::Mark mark, size_t count);
  void end_map(Output::Mark mark, size_t pairs);
  void end_set(Output::Mark mark, size_t count);

  // Nothing is kept of what is written (Output::limit_to).
  [[nodiscard]] bool overflown() const noexcept { return output_->overflown(); }
  // How many error replies were written so far.
  [[nodiscard]] uint64_t errors() const noexcept { return errors_; }
  // The text of the last error (for errorstats: the code is its first word), valid until the next.
  [[nodiscard]] std::string_view last_error() const noexcept { return {last_error_, last_error_size_}; }

 private:
  template <size_t size>
  void literal(const char (&text)[size]) {
    std::memcpy(output_->room(size - 1), text, size - 1);
    output_->commit(size - 1);
  }
  void header(char type, int64_t number);
  void line(char type, std::string_view text);
  void insert_header(Output::Mark mark, char type, size_t number);
  Output* output_;
  int protocol_;
  uint64_t errors_ = 0;
  char last_error_[64];                                // the beginning of it
  size_t last_error_size_ = 0;
};

}  // namespace torc::resp
