// Every reply type in both protocol versions, byte for byte.
#include "resp/reply.h"

#include <cmath>
#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace std::string_literals;
using torc::base::BlobRef;
using torc::resp::ChunkPool;
using torc::resp::Output;
using torc::resp::Reply;

std::string written(int protocol, const std::function<void(Reply&)>& write) {
  ChunkPool pool;
  Output output(&pool);
  Reply reply(&output, protocol);
  write(reply);
  std::string text;
  for (const Output::Segment& segment : output.segments()) text.append(segment.data, segment.size);
  return text;
}

void expect_both(const std::function<void(Reply&)>& write, const std::string& in_resp2, const std::string& in_resp3) {
  EXPECT_EQ(written(2, write), in_resp2);
  EXPECT_EQ(written(3, write), in_resp3);
}

void expect_same(const std::function<void(Reply&)>& write, const std::string& text) { expect_both(write, text, text); }

TEST(Reply, simple_types) {
  expect_same([](Reply& r) { r.ok(); }, "+OK\r\n");
  expect_same([](Reply& r) { r.status("PONG"); }, "+PONG\r\n");
  std::string text(20'000, 's');
  expect_same([&](Reply& r) { r.status(text); }, "+" + text + "\r\n");
  expect_same([](Reply& r) { r.raw("*1\r\n:1\r\n"); }, "*1\r\n:1\r\n");
}

TEST(Reply, integers) {
  for (int64_t value : {int64_t{0}, int64_t{1}, int64_t{9}, int64_t{10}, int64_t{99}, int64_t{100}, int64_t{-1},
                        INT64_MAX, INT64_MIN}) {
    std::string digits = std::to_string(value);
    expect_same([=](Reply& r) { r.integer(value); }, ":" + digits + "\r\n");
    expect_same([=](Reply& r) { r.bulk_integer(value); },
                "$" + std::to_string(digits.size()) + "\r\n" + digits + "\r\n");
  }
}

TEST(Reply, bulks_of_any_size) {
  for (size_t size : {0, 1, 9, 10, 99, 100, 1000, 1023, 1024, 1025, 16'384, 100'000}) {
    std::string value(size, 'v');
    std::string expected = "$" + std::to_string(size) + "\r\n" + value + "\r\n";
    expect_same([&](Reply& r) { r.bulk(value); }, expected);
    BlobRef blob = BlobRef::copy_of("<" + value + ">");
    expect_same([&](Reply& r) { r.bulk(blob, blob.view().substr(1, size)); }, expected);
  }
  BlobRef blob = BlobRef::copy_of("whole");
  expect_same([&](Reply& r) { r.bulk(blob); }, "$5\r\nwhole\r\n");
}

TEST(Reply, a_large_blob_is_referenced) {
  ChunkPool pool;
  Output output(&pool);
  BlobRef blob = BlobRef::copy_of(std::string(5000, 'x'));
  Reply(&output, 3).bulk(blob);
  EXPECT_FALSE(blob.unique());
  EXPECT_EQ(output.segments()[1].data, blob.view().data());
}

TEST(Reply, nulls) {
  expect_both([](Reply& r) { r.null(); }, "$-1\r\n", "_\r\n");
  expect_both([](Reply& r) { r.null_array(); }, "*-1\r\n", "_\r\n");
}

TEST(Reply, collections) {
  expect_same([](Reply& r) { r.array(3); }, "*3\r\n");
  expect_same([](Reply& r) { r.empty_array(); }, "*0\r\n");
  expect_both([](Reply& r) { r.map(6); }, "*12\r\n", "%6\r\n");
  expect_both([](Reply& r) { r.set(1000); }, "*1000\r\n", "~1000\r\n");
  expect_both([](Reply& r) { r.push(3); }, "*3\r\n", ">3\r\n");
  EXPECT_EQ(written(3, [](Reply& r) { r.attribute(1); }), "|1\r\n");
}

TEST(ReplyDeathTest, attributes_are_resp3_only) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(written(2, [](Reply& r) { r.attribute(1); }), "protocol_");
}

TEST(Reply, numbers) {
  expect_both([](Reply& r) { r.number(3.5); }, "$3\r\n3.5\r\n", ",3.5\r\n");
  expect_both([](Reply& r) { r.number(-INFINITY); }, "$4\r\n-inf\r\n", ",-inf\r\n");
  expect_both([](Reply& r) { r.number(-1.7976931348623157e308); }, "$24\r\n-1.7976931348623157e+308\r\n",
              ",-1.7976931348623157e+308\r\n");
  expect_both([](Reply& r) { r.human_number(0.1L); }, "$3\r\n0.1\r\n", ",0.1\r\n");
  expect_both([](Reply& r) { r.big_number("123456789012345678901234567890"); },
              "$30\r\n123456789012345678901234567890\r\n", "(123456789012345678901234567890\r\n");
  expect_both([](Reply& r) { r.boolean(true); }, ":1\r\n", "#t\r\n");
  expect_both([](Reply& r) { r.boolean(false); }, ":0\r\n", "#f\r\n");
}

TEST(Reply, verbatim) {
  expect_both([](Reply& r) { r.verbatim("txt", "hello"); }, "$5\r\nhello\r\n", "=9\r\ntxt:hello\r\n");
}

TEST(Reply, errors_are_one_line) {
  expect_same([](Reply& r) { r.error("ERR unknown command"); }, "-ERR unknown command\r\n");
  expect_same([](Reply& r) { r.error("ERR a\r\nb\nc\r\n\r\n"); }, "-ERR a  b c\r\n");
  std::string text = "ERR " + std::string(30'000, 'e');
  expect_same([&](Reply& r) { r.error(text); }, "-" + text + "\r\n");
}

TEST(Reply, errors_are_counted_and_the_last_is_remembered) {
  ChunkPool pool;
  Output output(&pool);
  Reply reply(&output, 2);
  EXPECT_EQ(reply.errors(), 0u);
  EXPECT_EQ(reply.last_error(), "");
  reply.error("WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(reply.last_error(), "WRONGTYPE Operation against a key holding the wrong kind of valu");
  reply.error("ERR x");
  EXPECT_EQ(reply.errors(), 2u);
  EXPECT_EQ(reply.last_error(), "ERR x");
}

TEST(Reply, deferred_lengths) {
  expect_both(
      [](Reply& r) {
        auto map = r.defer();
        r.bulk("k");
        auto set = r.defer();
        r.integer(1);
        r.integer(2);
        r.end_set(set, 2);
        r.bulk("l");
        auto array = r.defer();
        r.end_array(array, 0);
        r.end_map(map, 2);
      },
      "*4\r\n$1\r\nk\r\n*2\r\n:1\r\n:2\r\n$1\r\nl\r\n*0\r\n", "%2\r\n$1\r\nk\r\n~2\r\n:1\r\n:2\r\n$1\r\nl\r\n*0\r\n");
}

TEST(Reply, output_and_protocol_can_change) {
  ChunkPool pool;
  Output first(&pool);
  Output second(&pool);
  Reply reply(&first, 2);
  reply.null();
  reply.set_output(&second);
  reply.set_protocol(3);
  reply.null();
  EXPECT_EQ(first.size(), 5u);
  EXPECT_EQ(second.size(), 3u);
  EXPECT_EQ(&reply.output(), &second);
  EXPECT_EQ(reply.protocol(), 3);
}

}  // namespace
