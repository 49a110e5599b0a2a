// Requests come out the same however the stream is cut, errors have Redis's texts, memory follows what arrived.
#include "resp/parser.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "feeder.h"

namespace {

using namespace std::string_literals;
using torc::base::Random;
using torc::resp::Feeder;
using torc::resp::Parser;
using torc::resp::ParserLimits;
using torc::resp::RequestList;

using Requests = std::vector<std::vector<std::string>>;

std::string command(const std::vector<std::string>& arguments) {
  std::string text = "*" + std::to_string(arguments.size()) + "\r\n";
  for (const std::string& argument : arguments) {
    text += "$" + std::to_string(argument.size()) + "\r\n" + argument + "\r\n";
  }
  return text;
}

Requests parse_all(const std::string& input) {
  Feeder feeder;
  feeder.feed(input);
  EXPECT_EQ(feeder.error(), "");
  return feeder.requests();
}

std::string error_of(const std::string& input, ParserLimits limits = {}) {
  Feeder feeder(limits);
  feeder.feed(input);
  return feeder.error();
}

TEST(Parser, multibulk_requests) {
  EXPECT_EQ(parse_all(command({"PING"})), (Requests{{"PING"}}));
  EXPECT_EQ(parse_all(command({"GET", "key"}) + command({"SET", "k", ""})),
            (Requests{{"GET", "key"}, {"SET", "k", ""}}));
  EXPECT_EQ(parse_all(command({"a\0b\r\n"s, "*1\r\n$1\r\n"})), (Requests{{"a\0b\r\n"s, "*1\r\n$1\r\n"}}));
}

TEST(Parser, lengths_of_every_magnitude) {
  for (size_t size : {0, 1, 9, 10, 11, 99, 100, 999, 1000, 9999, 10'000, 32'767, 32'768, 99'999, 100'000, 3'000'000}) {
    std::string value(size, 'v');
    EXPECT_EQ(parse_all(command({"SET", "key", value})), (Requests{{"SET", "key", value}})) << size;
  }
  std::vector<std::string> many(12'345, "x");
  EXPECT_EQ(parse_all(command(many)), Requests{many});
}

TEST(Parser, empty_requests_are_skipped) {
  EXPECT_EQ(parse_all("*0\r\n*-1\r\n\r\n\n*-2147483649\r\n   \r\n" + command({"PING"})), (Requests{{"PING"}}));
}

TEST(Parser, inline_requests) {
  EXPECT_EQ(parse_all("PING\r\n"), (Requests{{"PING"}}));
  EXPECT_EQ(parse_all("  SET  key \"a b\" \nGET key\n"), (Requests{{"SET", "key", "a b"}, {"GET", "key"}}));
  EXPECT_EQ(parse_all("PING\r\n" + command({"GET", "a"}) + "ECHO 'x'\r\n"),
            (Requests{{"PING"}, {"GET", "a"}, {"ECHO", "x"}}));
  EXPECT_EQ(error_of("SET \"unbalanced\r\n"), "Protocol error: unbalanced quotes in request");
}

// The bytes behind a bulk and behind a line's '\r' are skipped, whatever they are.
TEST(Parser, line_ends_are_not_judged) {
  EXPECT_EQ(parse_all("*2\rX$3\rYGETZZ$1\r\nk??"), (Requests{{"GET", "k"}}));
}

// Texts and order observed of redis-server 7.2.
TEST(Parser, protocol_errors) {
  std::string invalid_count = "Protocol error: invalid multibulk length";
  for (const char* text : {"*\r\n", "*a\r\n", "*2147483648\r\n", "*+1\r\n", "*01\r\n", "* 1\r\n", "*1 \r\n", "*-0\r\n",
                           "*99999999999999999999\r\n", "*-\r\n"}) {
    EXPECT_EQ(error_of(text), invalid_count) << text;
  }
  std::string invalid_bulk = "Protocol error: invalid bulk length";
  for (const char* text : {"$\r\n", "$a\r\n", "$-1\r\n", "$536870913\r\n", "$+1\r\n", "$01\r\n", "$1 \r\n", "$00\r\n",
                           "$18446744073709551617\r\n", "$9223372036854775807\r\n"}) {
    EXPECT_EQ(error_of("*1\r\n"s + text), invalid_bulk) << text;
  }
  EXPECT_EQ(error_of("*1\r\n:1\r\n"), "Protocol error: expected '$', got ':'");
  EXPECT_EQ(error_of("*1\r\n\r\n"), "Protocol error: expected '$', got ' '");
  EXPECT_EQ(error_of("*2\r\n$3\r\nGET\r\nfoo\r\n"), "Protocol error: expected '$', got 'f'");
}

TEST(Parser, an_error_shows_when_its_line_is_complete) {
  for (std::string text : {"*abc", "*1\r\n$x", "*1\r\nfoo", "*99999999999999999999", "*1\r\n$-1\r"}) {
    Feeder feeder;
    feeder.feed(text);
    EXPECT_EQ(feeder.error(), "");
    EXPECT_TRUE(feeder.parser().mid_request());
    feeder.feed("\r\n");
    EXPECT_NE(feeder.error(), "") << text;
  }
}

TEST(Parser, requests_before_an_error_are_kept) {
  Feeder feeder;
  feeder.feed(command({"GET", "a"}) + command({"GET", "b"}) + "*x\r\n" + command({"GET", "c"}));
  EXPECT_EQ(feeder.requests(), (Requests{{"GET", "a"}, {"GET", "b"}}));
  EXPECT_EQ(feeder.error(), "Protocol error: invalid multibulk length");
}

TEST(Parser, lines_without_end_are_bounded) {
  std::string longest(torc::resp::inline_bytes_max, 'x');
  EXPECT_EQ(error_of(longest), "");
  EXPECT_EQ(error_of(longest + "x"), "Protocol error: too big inline request");
  EXPECT_EQ(error_of(longest + "x\n"), "Protocol error: too big inline request");
  EXPECT_EQ(parse_all(longest + "\n"), (Requests{{longest}}));
  EXPECT_EQ(error_of("*" + longest), "Protocol error: too big mbulk count string");
  EXPECT_EQ(error_of("*1\r\n$" + longest), "Protocol error: too big bulk count string");
}

TEST(Parser, a_zero_byte_hides_the_end_of_a_line) {
  for (std::string start : {"\0"s, "*\0"s, "$\0"s, "*1\r\n\0"s}) {
    Feeder feeder;
    feeder.feed(start + "\r\n");
    EXPECT_EQ(feeder.error(), "");
    EXPECT_TRUE(feeder.requests().empty());
    for (int i = 0; i < 70 && feeder.error().empty(); ++i) feeder.feed(std::string(1000, 'A') + "\r\n");
    EXPECT_EQ(feeder.error().substr(0, 23), "Protocol error: too big");
  }
}

TEST(Parser, limits_before_authentication) {
  ParserLimits limits;
  limits.authenticated = false;
  std::vector<std::string> ten(10, "x");
  std::vector<std::string> eleven(11, "x");
  EXPECT_EQ(error_of(command(ten), limits), "");
  EXPECT_EQ(error_of(command(eleven), limits), "Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(error_of(command({std::string(16'384, 'x')}), limits), "");
  EXPECT_EQ(error_of("*1\r\n$16385\r\n", limits), "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(error_of("*1\r\n$536870913\r\n", limits), "Protocol error: invalid bulk length");
}

TEST(Parser, bulk_limit_is_a_setting) {
  ParserLimits limits;
  limits.bulk_bytes_max = 1 << 20;
  EXPECT_EQ(error_of("*1\r\n$1048576\r\n", limits), "");
  EXPECT_EQ(error_of("*1\r\n$1048577\r\n", limits), "Protocol error: invalid bulk length");
}

TEST(Parser, at_most_so_many_requests_at_a_time) {
  std::string input;
  for (int i = 0; i < 10; ++i) input += command({"GET", std::to_string(i)});
  Parser parser;
  RequestList list;
  auto progress = parser.parse(input, {}, 4, list);
  EXPECT_EQ(progress.status, Parser::Status::list_full);
  EXPECT_EQ(list.requests.size(), 4u);
  EXPECT_EQ(progress.consumed, input.size() / 10 * 4);
  input.erase(0, progress.consumed);
  progress = parser.parse(input, {}, 6, list);
  EXPECT_EQ(progress.status, Parser::Status::need_more);
  EXPECT_EQ(list.requests.size(), 10u);
  EXPECT_EQ(progress.consumed, input.size());
  EXPECT_EQ(list.arguments_of(list.requests[9])[1], "9");
  EXPECT_FALSE(parser.mid_request());
}

TEST(Parser, wire_bytes_add_up) {
  std::string input = "PING\r\n" + command({"SET", "k", std::string(100'000, 'v')}) + command({"GET", "k"});
  for (size_t step : {size_t{1}, size_t{7}, size_t{5'000}, input.size()}) {
    Feeder feeder;
    for (size_t at = 0; at < input.size(); at += step) feeder.feed(std::string_view(input).substr(at, step));
    EXPECT_EQ(feeder.wire_bytes(), input.size()) << step;
    EXPECT_EQ(feeder.requests().size(), 3u);
  }
}

TEST(Parser, a_claim_alone_takes_bounded_memory) {
  Feeder feeder;
  feeder.feed("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n");
  EXPECT_EQ(feeder.parser().blob_missing(), size_t{512} << 20);
  EXPECT_LE(feeder.parser().blob_room().size(), torc::resp::blob_room_bytes * 2);
  EXPECT_EQ(feeder.parser().blob_bytes(), 0u);
  EXPECT_TRUE(feeder.parser().mid_request());
  for (size_t arrived = torc::resp::blob_room_bytes; arrived <= torc::resp::blob_room_bytes * 16; arrived *= 4) {
    feeder.feed(std::string(arrived - feeder.parser().blob_bytes(), 'x'));
    static_cast<void>(feeder.parser().blob_room());
    EXPECT_LE(feeder.parser().blob_memory_bytes(), (arrived + torc::resp::blob_room_bytes) * torc::resp::blob_growth);
  }
  Feeder many;
  many.feed("*2147483647\r\n$1\r\na\r\n");
  EXPECT_EQ(many.error(), "");
  EXPECT_TRUE(many.parser().mid_request());
}

TEST(Parser, a_big_bulk_is_gathered_in_a_blob) {
  std::string value(5'000'000, '\0');
  Random random(1);
  for (char& c : value) c = static_cast<char>(random.next());
  std::string input = command({"MSET", "a", value, "b", "small", "c", value});
  Feeder feeder;
  for (size_t at = 0; at < input.size(); at += 70'000) feeder.feed(std::string_view(input).substr(at, 70'000));
  EXPECT_EQ(feeder.requests(), (Requests{{"MSET", "a", value, "b", "small", "c", value}}));
  EXPECT_EQ(feeder.blob_arguments(), 2u);
  EXPECT_EQ(feeder.parser().blob_bytes(), 0u);
  EXPECT_FALSE(feeder.parser().mid_request());
}

TEST(Parser, a_complete_blob_has_little_room_left) {
  for (const size_t size : {33'000, 300'000, 1'048'577, 5'000'000}) {
    Parser parser;
    RequestList list;
    const std::string head = "*1\r\n$" + std::to_string(size) + "\r\n";
    static_cast<void>(parser.parse(head + "x", {}, 10, list));
    while (parser.blob_missing() > 0) {
      const std::span<char> room = parser.blob_room();
      std::ranges::fill(room, 'x');
      parser.blob_filled(room.size());
    }
    static_cast<void>(parser.parse(head + "\r\n", {}, 10, list));
    ASSERT_EQ(list.blobs.size(), 1u);
    // What the allocator's size classes round up, no more.
    using torc::base::BlobRef;
    const size_t first_room = BlobRef::make(std::min(size, torc::resp::blob_room_bytes)).capacity();
    EXPECT_LE(list.blobs[0].blob.capacity(), std::max(BlobRef::make(size).capacity(), first_room));
  }
}

TEST(Parser, a_blob_counts_and_leaves_the_input) {
  std::string head = "*2\r\n$4\r\nECHO\r\n$40000\r\n";
  std::string input = head + std::string(39'000, 'x');
  Parser parser;
  RequestList list;
  auto progress = parser.parse(input, {}, 10, list);
  EXPECT_EQ(progress.consumed, 0u);
  EXPECT_EQ(progress.absorbed, 39'000u);
  EXPECT_EQ(parser.blob_bytes(), 39'000u);
  EXPECT_EQ(parser.blob_missing(), 1'000u);
  ASSERT_EQ(parser.blob_room().size(), 1'000u);
  std::fill_n(parser.blob_room().data(), 1'000, 'y');
  parser.blob_filled(1'000);
  EXPECT_EQ(parser.blob_missing(), 0u);
  EXPECT_TRUE(parser.blob_room().empty());
  input.resize(head.size());
  input += "\r\nPING\r\n";
  progress = parser.parse(input, {}, 10, list);
  EXPECT_EQ(progress.consumed, input.size());
  ASSERT_EQ(list.requests.size(), 2u);
  EXPECT_EQ(list.arguments[1], std::string(39'000, 'x') + std::string(1'000, 'y'));
  ASSERT_EQ(list.blobs.size(), 1u);
  EXPECT_EQ(list.blobs[0].argument, 1u);
  EXPECT_EQ(list.blobs[0].blob.view().data(), list.arguments[1].data());
  list.clear();
  EXPECT_TRUE(list.empty());
}

// A stream of everything, cut in every way, gives what it gives in one piece.
std::string random_stream(Random& random, int requests) {
  std::string stream;
  for (int i = 0; i < requests; ++i) {
    uint64_t kind = random.below(10);
    if (kind == 0) {
      stream += "inline \"with \\x41 quotes\" and 'more'\r\n";
    } else if (kind == 1) {
      stream += "\r\n*0\r\n*-5\r\n";
    } else {
      std::vector<std::string> arguments(1 + random.below(5));
      for (std::string& argument : arguments) {
        uint64_t size = random.below(20) == 0 ? 30'000 + random.below(10'000) : random.below(120);
        argument.assign(size, static_cast<char>('a' + random.below(26)));
      }
      stream += command(arguments);
    }
  }
  return stream;
}

TEST(Parser, cut_anywhere) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    std::string stream = random_stream(random, 20);
    if (seed % 4 == 0) stream += "*1\r\n$bad\r\n";
    Feeder whole;
    whole.feed(stream);
    Feeder pieces({}, 1 + random.below(5));
    std::string_view rest = stream;
    uint64_t longest = uint64_t{1} << random.below(16);
    while (!rest.empty()) {
      size_t part = std::min<size_t>(rest.size(), 1 + random.below(longest));
      pieces.feed(rest.substr(0, part));
      rest.remove_prefix(part);
    }
    ASSERT_EQ(pieces.requests(), whole.requests()) << "seed " << seed;
    ASSERT_EQ(pieces.error(), whole.error()) << "seed " << seed;
  }
}

TEST(Parser, every_cut_of_a_short_stream) {
  std::string stream = command({"SET", "key", "value"}) + "GET \"key\"\r\n*0\r\n" + command({"X"}) + "*1\r\n?1\r\n";
  Feeder whole;
  whole.feed(stream);
  ASSERT_EQ(whole.requests().size(), 3u);
  for (size_t first = 0; first <= stream.size(); ++first) {
    for (size_t second = first; second <= stream.size(); ++second) {
      Feeder pieces;
      pieces.feed(stream.substr(0, first));
      pieces.feed(stream.substr(first, second - first));
      pieces.feed(stream.substr(second));
      ASSERT_EQ(pieces.requests(), whole.requests()) << first << " " << second;
      ASSERT_EQ(pieces.error(), whole.error()) << first << " " << second;
    }
  }
}

}  // namespace
