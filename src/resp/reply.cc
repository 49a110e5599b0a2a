// Short replies are written with one bounds check and no call: a header is at most 23 bytes.
#include "resp/reply.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/assert.h"
#include "base/parse_number.h"

namespace torc::resp {

namespace {

constexpr size_t header_bytes_max = 1 + base::integer_digits_max + 2;
static_assert(header_bytes_max <= mark_bytes_max);
// A bulk up to this size is written in one piece, at the price of so many bytes wasted at a chunk's end.
constexpr size_t contiguous_bytes_max = 1024;

// Lengths are nearly always one or two digits.
inline char* put_number(char* out, int64_t number) noexcept {
  if (static_cast<uint64_t>(number) < 10) {
    *out = static_cast<char>('0' + number);
    return out + 1;
  }
  if (static_cast<uint64_t>(number) < 100) {
    out[0] = static_cast<char>('0' + number / 10);
    out[1] = static_cast<char>('0' + number % 10);
    return out + 2;
  }
  return out + base::format_integer(out, number);
}

inline char* put_line_end(char* out) noexcept {
  std::memcpy(out, "\r\n", 2);
  return out + 2;
}

inline char* put_header(char* out, char type, int64_t number) noexcept {
  *out = type;
  return put_line_end(put_number(out + 1, number));
}

inline char* put_bytes(char* out, std::string_view bytes) noexcept {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

std::string_view without_line_ends(std::string_view text) noexcept {
  while (text.ends_with('\r') || text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

// Appends the text with CR and LF as spaces, so that it stays one line.
void append_one_line(Output& output, std::string_view text) {
  size_t line_end;
  while ((line_end = text.find_first_of("\r\n")) != text.npos) {
    output.append(text.substr(0, line_end));
    output.append(" ");
    text.remove_prefix(line_end + 1);
  }
  output.append(text);
}

}  // namespace

void Reply::header(char type, int64_t number) {
  char* out = output_->room(header_bytes_max);
  output_->commit(static_cast<size_t>(put_header(out, type, number) - out));
}

void Reply::raw(std::string_view bytes) { output_->append(bytes); }

void Reply::line(char type, std::string_view text) {
  if (text.size() <= contiguous_bytes_max) {
    char* out = output_->room(1 + text.size() + 2);
    *out = type;
    output_->commit(static_cast<size_t>(put_line_end(put_bytes(out + 1, text)) - out));
    return;
  }
  output_->append({&type, 1});
  output_->append(text);
  literal("\r\n");
}

void Reply::status(std::string_view text) { line('+', text); }

void Reply::error(std::string_view text) {
  text = without_line_ends(text);
  ++errors_;
  last_error_size_ = std::min(text.size(), sizeof last_error_);
  put_bytes(last_error_, text.substr(0, last_error_size_));
  literal("-");
  append_one_line(*output_, text);
  literal("\r\n");
}

void Reply::integer(int64_t value) { header(':', value); }

void Reply::bulk(std::string_view bytes) {
  if (bytes.size() > contiguous_bytes_max) {
    header('$', static_cast<int64_t>(bytes.size()));
    raw(bytes);
    literal("\r\n");
    return;
  }
  char* out = output_->room(header_bytes_max + bytes.size() + 2);
  char* end = put_header(out, '$', static_cast<int64_t>(bytes.size()));
  end = put_line_end(put_bytes(end, bytes));
  output_->commit(static_cast<size_t>(end - out));
}

void Reply::bulk(const base::BlobRef& blob, std::string_view part) {
  if (part.size() < reference_bytes_min) return bulk(part);
  header('$', static_cast<int64_t>(part.size()));
  output_->append(blob, part);
  literal("\r\n");
}

void Reply::bulk_integer(int64_t value) {
  char digits[base::integer_digits_max];
  bulk({digits, static_cast<size_t>(put_number(digits, value) - digits)});
}

void Reply::array(size_t count) { header('*', static_cast<int64_t>(count)); }

void Reply::map(size_t pairs) {
  protocol_ == 2 ? header('*', static_cast<int64_t>(pairs * 2)) : header('%', static_cast<int64_t>(pairs));
}

void Reply::set(size_t count) { header(protocol_ == 2 ? '*' : '~', static_cast<int64_t>(count)); }

void Reply::push(size_t count) { header(protocol_ == 2 ? '*' : '>', static_cast<int64_t>(count)); }

void Reply::attribute(size_t pairs) {
  TORC_ASSERT(protocol_ >= 3);
  header('|', static_cast<int64_t>(pairs));
}

void Reply::number(double value) {
  char text[base::double_text_max];
  std::string_view digits(text, base::format_double(text, value));
  protocol_ == 2 ? bulk(digits) : line(',', digits);
}

void Reply::human_number(long double value) {
  std::string digits = base::format_long_double(value);
  protocol_ == 2 ? bulk(digits) : line(',', digits);
}

void Reply::big_number(std::string_view digits) {
  protocol_ == 2 ? bulk(digits) : line('(', digits);
}

void Reply::boolean(bool value) {
  if (protocol_ == 2) return integer(value);
  value ? literal("#t\r\n") : literal("#f\r\n");
}

void Reply::verbatim(std::string_view format, std::string_view text) {
  TORC_ASSERT(format.size() == 3);
  if (protocol_ == 2) return bulk(text);
  header('=', static_cast<int64_t>(text.size() + 4));
  raw(format);
  literal(":");
  raw(text);
  literal("\r\n");
}

void Reply::insert_header(Output::Mark mark, char type, size_t number) {
  char text[header_bytes_max];
  char* end = put_header(text, type, static_cast<int64_t>(number));
  output_->insert_at(mark, {text, static_cast<size_t>(end - text)});
}

void Reply::end_array(Output::Mark mark, size_t count) { insert_header(mark, '*', count); }

void Reply::end_map(Output::Mark mark, size_t pairs) {
  protocol_ == 2 ? insert_header(mark, '*', pairs * 2) : insert_header(mark, '%', pairs);
}

void Reply::end_set(Output::Mark mark, size_t count) { insert_header(mark, protocol_ == 2 ? '*' : '~', count); }

}  // namespace torc::resp
