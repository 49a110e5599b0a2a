// Two ways lead through a multibulk request. The fast one handles a request that lies wholly in the input and has
// nothing unusual about it: lengths in canonical form and within the limits. It writes views straight into the list.
// Whatever it cannot finish is handed to the careful one, with the arguments found so far as offsets: that one takes a
// step at a time, can stop at any byte, and is the only place that knows the errors.
//
// What is an error, and when it shows, follows Redis: a length is judged when its line is complete; the two bytes
// behind a bulk are not looked at; a zero byte hides the rest of a line from the search for its end; the limits before
// authentication are judged after the general ones. One thing is stricter: Redis accepts a line longer than the limit
// when it happens to arrive at once, here the outcome does not depend on how the bytes were cut.
#include "resp/parser.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/assert.h"
#include "base/parse_number.h"
#include "base/split_arguments.h"

namespace torc::resp {

namespace {

// What a client may send before it is authenticated.
constexpr int64_t unauthenticated_count_max = 10;
constexpr int64_t unauthenticated_bulk_max = 16'384;

// A bulk is at least "$0\r\n\r\n".
constexpr size_t bulk_wire_bytes_min = 6;
constexpr size_t line_end_bytes = 2;
// The capacity for pieces that is kept from request to request.
constexpr size_t pieces_kept_max = 1024;

constexpr uint64_t not_simple = std::numeric_limits<uint64_t>::max();

inline unsigned digit(char c) noexcept { return static_cast<unsigned char>(c) - unsigned{'0'}; }

// Three to ten digits.
uint64_t read_long_length(const char*& next, const char* end) noexcept {
  constexpr int digits_max = 10;
  const char* c = next;
  uint64_t value = digit(*c);
  if (value - 1 > 8) return not_simple;
  for (++c; c != end && digit(*c) <= 9; ++c) value = value * 10 + digit(*c);
  bool ended = end - c >= 2 && *c == '\r' && c - next <= digits_max;
  if (!ended) return not_simple;
  next = c + line_end_bytes;
  return value;
}

// Reads "<digits>\r?" and moves behind it. Four bytes at least are there.
inline uint64_t read_length(const char*& next, const char* end) noexcept {
  unsigned first = digit(next[0]);
  if (next[1] == '\r') {
    next += 1 + line_end_bytes;
    return first <= 9 ? first : not_simple;
  }
  unsigned second = digit(next[1]);
  if (next[2] == '\r') {
    next += 2 + line_end_bytes;
    return first - 1 <= 8 && second <= 9 ? first * 10 + second : not_simple;
  }
  return read_long_length(next, end);
}

inline size_t distance(const char* from, const char* to) noexcept { return static_cast<size_t>(to - from); }

inline uint32_t saturated(uint64_t bytes) noexcept {
  return static_cast<uint32_t>(std::min<uint64_t>(bytes, std::numeric_limits<uint32_t>::max()));
}

}  // namespace

Parser::Progress Parser::parse(std::string_view input, const ParserLimits& limits, size_t requests_max,
                               RequestList& list) {
  TORC_ASSERT(!blob_ && requests_max > 0);
  if (!error_.empty()) return {Status::error, 0, 0};
  Caps caps{static_cast<uint64_t>(limits.multibulk_count_max), static_cast<uint64_t>(limits.bulk_bytes_max)};
  if (!limits.authenticated) {
    caps.count = std::min<uint64_t>(caps.count, unauthenticated_count_max);
    caps.bulk_bytes = std::min<uint64_t>(caps.bulk_bytes, unauthenticated_bulk_max);
  }
  const char* request = input.data();
  const char* const end = request + input.size();
  const size_t stop_at = list.requests.size() + requests_max;
  Status status = Status::need_more;
  absorbed_ = 0;
  while (request != end) {
    if (list.requests.size() == stop_at) {
      status = Status::list_full;
      break;
    }
    if (!waiting_ && *request == '*') {
      if (const char* next = parse_whole(request, end, caps, list)) {
        request = next;
        continue;
      }
    }
    Step step = resume(request, end, limits, list);
    waiting_ = step == Step::more;
    if (step != Step::done) {
      if (step == Step::failed) status = Status::error;
      break;
    }
    request += position_;
    forget_request();
  }
  return {status, distance(input.data(), request), absorbed_};
}

// The request's end, or null when it has to be looked at with care.
const char* Parser::parse_whole(const char* request, const char* end, const Caps& caps, RequestList& list) {
  if (distance(request, end) < bulk_wire_bytes_min) return nullptr;
  const char* next = request + 1;
  uint64_t count = read_length(next, end);
  if (count > caps.count || count > distance(next, end) / bulk_wire_bytes_min) return nullptr;
  if (count == 0) return next;
  size_t first = list.arguments.size();
  for (uint64_t missing = count; missing != 0; --missing) {
    const char* bytes = next + 1;
    uint64_t size = not_simple;
    if (distance(next, end) >= bulk_wire_bytes_min && *next == '$') size = read_length(bytes, end);
    if (size > caps.bulk_bytes || distance(bytes, end) < size + line_end_bytes) {
      suspend(request, next, missing, first, list);
      return nullptr;
    }
    list.arguments.emplace_back(bytes, size);
    next = bytes + size + line_end_bytes;
  }
  list.requests.push_back(
      {static_cast<uint32_t>(first), static_cast<uint32_t>(count), saturated(distance(request, next))});
  return next;
}

// Turns the views that the fast way found into offsets; it stopped at a bulk's header.
void Parser::suspend(const char* request, const char* stopped, size_t missing, size_t first, RequestList& list) {
  size_t found = list.arguments.size() - first;
  for (size_t i = first; i < first + found; ++i) {
    const std::string_view& argument = list.arguments[i];
    pieces_.push_back({distance(request, argument.data()), argument.size()});
  }
  list.arguments.resize(first);
  in_multibulk_ = true;
  arguments_missing_ = missing;
  position_ = distance(request, stopped);
}

Parser::Step Parser::resume(const char* request, const char* end, const ParserLimits& limits, RequestList& list) {
  TORC_ASSERT(position_ + scanned_ <= distance(request, end));
  if (in_multibulk_) return resume_multibulk(request, end, limits, list);
  std::string_view rest(request, end);
  if (*request != '*') return parse_inline(rest, list);
  Step step = read_count(rest, limits);
  return step == Step::done && arguments_missing_ > 0 ? resume_multibulk(request, end, limits, list) : step;
}

Parser::Step Parser::resume_multibulk(const char* request, const char* end, const ParserLimits& limits,
                                      RequestList& list) {
  auto rest = [&] { return std::string_view(request + position_, end); };
  Step step = trailer_missing_ > 0 ? skip_trailer(rest()) : Step::done;
  while (step == Step::done && arguments_missing_ > 0) {
    if (bulk_size_ < 0) step = read_bulk_size(rest(), limits);
    if (step == Step::done) step = read_bulk(rest());
  }
  if (step == Step::done) emit(request, list);
  return step;
}

// The length of the line at the front without its end. A line that ends in '\r' also needs the byte that follows it.
Parser::Step Parser::find_line(std::string_view rest, char terminator, std::string_view too_long, size_t& length) {
  std::string_view window = rest.substr(0, inline_bytes_max + 1);
  size_t found = std::min(window.find(terminator, scanned_), window.size());
  size_t zero = window.substr(0, found).find('\0', scanned_);
  scanned_ = std::min(found, zero);
  if (scanned_ == window.size() || zero != window.npos) {
    return rest.size() > inline_bytes_max ? fail(too_long) : Step::more;
  }
  if (terminator == '\r' && found + 1 == rest.size()) return Step::more;
  length = found;
  scanned_ = 0;
  return Step::done;
}

Parser::Step Parser::parse_inline(std::string_view rest, RequestList& list) {
  size_t length = 0;
  Step step = find_line(rest, '\n', "too big inline request", length);
  if (step != Step::done) return step;
  std::string_view line = rest.substr(0, length);
  if (line.ends_with('\r')) line.remove_suffix(1);
  size_t first = list.arguments.size();
  if (!base::split_arguments(line, list.arguments, list.unescaped)) return fail("unbalanced quotes in request");
  position_ = length + 1;
  size_t count = list.arguments.size() - first;
  if (count > 0) {
    list.requests.push_back({static_cast<uint32_t>(first), static_cast<uint32_t>(count), saturated(position_)});
  }
  return Step::done;
}

Parser::Step Parser::read_count(std::string_view rest, const ParserLimits& limits) {
  size_t length = 0;
  Step step = find_line(rest, '\r', "too big mbulk count string", length);
  if (step != Step::done) return step;
  auto count = base::parse_integer(rest.substr(1, length - 1));
  if (!count || *count > limits.multibulk_count_max) return fail("invalid multibulk length");
  if (*count > unauthenticated_count_max && !limits.authenticated) return fail("unauthenticated multibulk length");
  position_ += length + line_end_bytes;
  arguments_missing_ = static_cast<uint64_t>(std::max<int64_t>(*count, 0));
  in_multibulk_ = arguments_missing_ > 0;
  return Step::done;
}

Parser::Step Parser::read_bulk_size(std::string_view rest, const ParserLimits& limits) {
  size_t length = 0;
  Step step = find_line(rest, '\r', "too big bulk count string", length);
  if (step != Step::done) return step;
  if (rest[0] != '$') {
    // Redis writes a space for a line end, too.
    char got = rest[0] == '\r' || rest[0] == '\n' ? ' ' : rest[0];
    return fail(std::string("expected '$', got '") + got + "'");
  }
  auto size = base::parse_integer(rest.substr(1, length - 1));
  if (!size || *size < 0 || *size > limits.bulk_bytes_max) return fail("invalid bulk length");
  if (*size > unauthenticated_bulk_max && !limits.authenticated) return fail("unauthenticated bulk length");
  position_ += length + line_end_bytes;
  bulk_size_ = *size;
  return Step::done;
}

Parser::Step Parser::read_bulk(std::string_view rest) {
  auto size = static_cast<uint64_t>(bulk_size_);
  if (rest.size() >= size + line_end_bytes) {
    pieces_.push_back({position_, size});
    position_ += size + line_end_bytes;
    bulk_size_ = -1;
    --arguments_missing_;
    return Step::done;
  }
  if (size >= blob_bytes_min) start_blob(rest);
  return Step::more;
}

Parser::Step Parser::skip_trailer(std::string_view rest) {
  uint64_t skipped = std::min<uint64_t>(trailer_missing_, rest.size());
  position_ += skipped;
  trailer_missing_ -= skipped;
  return trailer_missing_ == 0 ? Step::done : Step::more;
}

Parser::Step Parser::fail(std::string_view text) {
  error_ = "Protocol error: ";
  error_ += text;
  return Step::failed;
}

// The bytes of the bulk that are there, and of its line end, leave the input.
void Parser::start_blob(std::string_view rest) {
  auto size = static_cast<size_t>(bulk_size_);
  size_t have = std::min(rest.size(), size);
  blob_ = base::BlobRef::make(std::max(have, std::min(size, blob_room_bytes)));
  if (have > 0) std::memcpy(blob_.mutable_bytes(), rest.data(), have);
  blob_.set_size(have);
  trailer_missing_ = line_end_bytes - (rest.size() - have);
  absorbed_ = rest.size();
  blob_wire_bytes_ += rest.size();
  if (have == size) finish_blob();
}

void Parser::finish_blob() {
  size_t size = blob_.size();
  finished_blob_bytes_ += size;
  finished_blob_memory_bytes_ += blob_.capacity();
  blobs_.push_back({static_cast<uint32_t>(pieces_.size()), std::move(blob_)});
  pieces_.push_back({0, size});
  bulk_size_ = -1;
  --arguments_missing_;
}

std::span<char> Parser::blob_room() {
  if (!blob_) return {};
  auto wanted = static_cast<size_t>(bulk_size_);
  if (blob_.size() == blob_.capacity()) blob_.reserve(std::min(wanted, blob_.capacity() * blob_growth));
  size_t room = std::min(wanted, blob_.capacity()) - blob_.size();
  return {blob_.mutable_bytes() + blob_.size(), room};
}

size_t Parser::blob_missing() const noexcept {
  return blob_ ? static_cast<size_t>(bulk_size_) - blob_.size() : 0;
}

void Parser::blob_filled(size_t bytes) {
  TORC_ASSERT(blob_ && bytes <= blob_missing());
  blob_.set_size(blob_.size() + bytes);
  blob_wire_bytes_ += bytes;
  if (blob_missing() == 0) finish_blob();
}

size_t Parser::blob_bytes() const noexcept { return finished_blob_bytes_ + (blob_ ? blob_.size() : 0); }

size_t Parser::incomplete_bytes(size_t kept) const noexcept {
  return kept - std::min<uint64_t>(kept, position_) + (blob_ ? blob_.size() : 0);
}

size_t Parser::blob_memory_bytes() const noexcept {
  return finished_blob_memory_bytes_ + (blob_ ? blob_.capacity() : 0);
}

bool Parser::mid_request() const noexcept { return waiting_; }

// The request is complete: its pieces become views.
void Parser::emit(const char* request, RequestList& list) {
  size_t first = list.arguments.size();
  list.arguments.reserve(first + pieces_.size());
  for (const Piece& piece : pieces_) list.arguments.emplace_back(request + piece.offset, piece.size);
  for (ArgumentBlob& blob : blobs_) {
    list.arguments[first + blob.argument] = blob.blob.view();
    list.blobs.push_back({static_cast<uint32_t>(first) + blob.argument, std::move(blob.blob)});
  }
  list.requests.push_back({static_cast<uint32_t>(first), static_cast<uint32_t>(pieces_.size()),
                           saturated(position_ + blob_wire_bytes_)});
}

void Parser::forget_request() noexcept {
  in_multibulk_ = false;
  position_ = 0;
  blob_wire_bytes_ = 0;
  finished_blob_bytes_ = finished_blob_memory_bytes_ = 0;
  if (pieces_.capacity() > pieces_kept_max) {
    std::vector<Piece>().swap(pieces_);
  } else {
    pieces_.clear();
  }
  blobs_.clear();
}

}  // namespace torc::resp
