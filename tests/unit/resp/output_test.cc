// Whatever is written, referenced and marked comes out in order, and chunks go back to their pool.
#include "resp/output.h"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "base/memory.h"
#include "base/random.h"

namespace {

using torc::base::BlobRef;
using torc::resp::ChunkPool;
using torc::resp::Output;

std::string text_of(Output& output) {
  std::string text;
  for (const Output::Segment& segment : output.segments()) text.append(segment.data, segment.size);
  EXPECT_EQ(text.size(), output.size());
  return text;
}

TEST(Output, is_empty_at_first) {
  ChunkPool pool;
  Output output(&pool);
  EXPECT_TRUE(output.empty());
  EXPECT_EQ(output.memory_bytes(), 0u);
  EXPECT_TRUE(output.segments().empty());
}

TEST(Output, bytes_of_any_size) {
  ChunkPool pool;
  Output output(&pool);
  std::string expected;
  for (size_t size : {1, 100, 0, 16'384, 5, 100'000, 16'383}) {
    std::string bytes(size, static_cast<char>('a' + size % 26));
    output.append(bytes);
    expected += bytes;
    EXPECT_EQ(output.size(), expected.size());
  }
  EXPECT_EQ(text_of(output), expected);
  EXPECT_EQ(output.memory_bytes() % torc::resp::chunk_bytes, 0u);
}

TEST(Output, small_appends_make_one_segment) {
  ChunkPool pool;
  Output output(&pool);
  for (int i = 0; i < 100; ++i) output.append("+OK\r\n");
  EXPECT_EQ(output.segments().size(), 1u);
  output.append("more");
  EXPECT_EQ(output.segments().size(), 1u);
  EXPECT_EQ(output.segments()[0].size, 504u);
}

TEST(Output, room_is_contiguous) {
  ChunkPool pool;
  Output output(&pool);
  output.append(std::string(torc::resp::chunk_bytes - 3, 'x'));
  std::memcpy(output.room(5), "12345", 5);
  output.commit(5);
  ASSERT_EQ(output.segments().size(), 2u);
  EXPECT_EQ(std::string(output.segments()[1].data, 5), "12345");
}

TEST(Output, large_blobs_are_referenced_and_small_ones_copied) {
  ChunkPool pool;
  Output output(&pool);
  BlobRef large = BlobRef::copy_of(std::string(1024, 'L'));
  BlobRef small = BlobRef::copy_of(std::string(1023, 's'));
  output.append("a");
  output.append(large, large.view());
  output.append("b");
  output.append(small, small.view());
  output.append(large, large.view().substr(0, 1023));
  EXPECT_FALSE(large.unique());
  EXPECT_TRUE(small.unique());
  EXPECT_EQ(output.segments().size(), 3u);
  EXPECT_EQ(output.segments()[1].data, large.view().data());
  EXPECT_EQ(output.memory_bytes(), torc::resp::chunk_bytes + 1024);
  EXPECT_EQ(text_of(output),
            "a" + std::string(1024, 'L') + "b" + std::string(1023, 's') + std::string(1023, 'L'));
  output.clear();
  EXPECT_TRUE(large.unique());
  EXPECT_EQ(output.memory_bytes(), 0u);
}

TEST(Output, a_blob_lives_as_long_as_its_segment) {
  ChunkPool pool;
  Output output(&pool);
  BlobRef blob = BlobRef::copy_of(std::string(5000, 'x'));
  output.append(blob, blob.view().substr(100, 3000));
  blob.reset();
  EXPECT_EQ(text_of(output), std::string(3000, 'x'));
}

// Otherwise a reply of a kilobyte would hold a value of half a gigabyte, which could not be changed in place meanwhile.
TEST(Output, a_small_part_of_a_blob_does_not_hold_it) {
  ChunkPool pool;
  Output output(&pool);
  const BlobRef blob = BlobRef::copy_of(std::string(100'000, 'x'));
  output.append(blob, blob.view().substr(0, 40'000));
  EXPECT_TRUE(blob.unique());
  EXPECT_EQ(output.size(), 40'000u);
  output.append(blob, blob.view().substr(0, 60'000));
  EXPECT_FALSE(blob.unique());
  EXPECT_EQ(output.size(), 100'000u);
}

TEST(Output, chunks_come_from_the_pool_and_go_back) {
  ChunkPool pool(2);
  const char* chunk = nullptr;
  for (int i = 0; i < 10; ++i) {
    Output output(&pool);
    output.append("x");
    const char* taken = output.segments()[0].data;
    EXPECT_TRUE(i == 0 || taken == chunk);
    chunk = taken;
  }
  // More than the pool keeps idle.
  size_t before = torc::base::used_bytes();
  {
    Output output(&pool);
    output.append(std::string(10 * torc::resp::chunk_bytes, 'x'));
    EXPECT_GE(torc::base::used_bytes(), before + 9 * torc::resp::chunk_bytes);
  }
  EXPECT_LT(torc::base::used_bytes(), before + 2 * torc::resp::chunk_bytes);
}

TEST(Output, chunks_that_nobody_needed_between_two_trims_go) {
  using torc::base::used_bytes;
  using torc::resp::chunk_bytes;
  ChunkPool pool;
  const size_t before = used_bytes();
  { Output(&pool).append(std::string(20 * chunk_bytes, 'x')); }
  const size_t burst = used_bytes();
  EXPECT_GE(burst, before + 20 * chunk_bytes);
  pool.trim();
  EXPECT_EQ(used_bytes(), burst) << "they were needed a moment ago";
  { Output(&pool).append(std::string(5 * chunk_bytes, 'x')); }
  pool.trim();
  EXPECT_LE(used_bytes(), burst - 15 * chunk_bytes);
  EXPECT_GE(used_bytes(), before + 5 * chunk_bytes);
  pool.trim();
  EXPECT_LT(used_bytes(), before + chunk_bytes);
  Output output(&pool);
  output.append("y");
  EXPECT_EQ(text_of(output), "y");
}

TEST(Output, a_mark_takes_its_header_later) {
  ChunkPool pool;
  Output output(&pool);
  output.append("before ");
  Output::Mark mark = output.mark();
  output.append(" after");
  output.insert_at(mark, "HEADER");
  EXPECT_EQ(text_of(output), "before HEADER after");
  // Little was written, so it is one piece.
  EXPECT_EQ(output.segments().size(), 1u);
}

TEST(Output, a_mark_before_much) {
  ChunkPool pool;
  Output output(&pool);
  output.append("before ");
  Output::Mark mark = output.mark();
  output.append(std::string(50'000, 'x'));
  output.insert_at(mark, "HEADER");
  EXPECT_EQ(text_of(output), "before HEADER" + std::string(50'000, 'x'));
}

TEST(Output, a_mark_at_the_very_start_and_before_a_blob) {
  ChunkPool pool;
  Output output(&pool);
  BlobRef blob = BlobRef::copy_of(std::string(5000, 'b'));
  Output::Mark first = output.mark();
  output.append(blob, blob.view());
  Output::Mark second = output.mark();
  output.append(blob, blob.view());
  output.insert_at(first, std::string(32, '1'));
  output.insert_at(second, "2");
  EXPECT_EQ(text_of(output), std::string(32, '1') + std::string(5000, 'b') + "2" + std::string(5000, 'b'));
}

TEST(Output, nested_marks_in_either_order) {
  for (bool inner_first : {true, false}) {
    ChunkPool pool;
    Output output(&pool);
    output.append("<");
    Output::Mark outer = output.mark();
    Output::Mark inner = output.mark();
    output.append("x");
    output.insert_at(inner_first ? inner : outer, inner_first ? "[in]" : "[out]");
    output.append("y");
    output.insert_at(inner_first ? outer : inner, inner_first ? "[out]" : "[in]");
    output.append(">");
    EXPECT_EQ(text_of(output), "<[out][in]xy>");
  }
}

TEST(Output, random_marks_blobs_and_bytes) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    torc::base::Random random(seed);
    ChunkPool pool;
    Output output(&pool);
    BlobRef blob = BlobRef::copy_of(std::string(3000, 'B'));
    std::vector<std::string> parts;
    std::vector<std::pair<Output::Mark, size_t>> open;
    for (int step = 0; step < 60; ++step) {
      uint64_t kind = random.below(10);
      if (kind < 3) {
        open.emplace_back(output.mark(), parts.size());
        parts.emplace_back();
      } else if (kind < 6 && !open.empty()) {
        size_t which = random.below(open.size());
        auto [mark, part] = open[which];
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
        parts[part] = std::string(1 + random.below(32), static_cast<char>('0' + part % 10));
        output.insert_at(mark, parts[part]);
      } else if (kind == 6) {
        output.append(blob, blob.view());
        parts.emplace_back(blob.view());
      } else {
        parts.emplace_back(random.below(10) == 0 ? random.below(40'000) : random.below(50), 'x');
        output.append(parts.back());
      }
    }
    for (auto [mark, part] : open) output.insert_at(mark, parts[part] = "*5\r\n");
    std::string expected;
    for (const std::string& part : parts) expected += part;
    ASSERT_EQ(text_of(output), expected) << "seed " << seed;
  }
}

TEST(Output, moves) {
  ChunkPool pool;
  Output output(&pool);
  output.append("abc");
  Output moved(std::move(output));
  EXPECT_TRUE(output.empty());  // NOLINT: the moved-from state is the contract
  output.append("new");
  moved.append("def");
  EXPECT_EQ(text_of(moved), "abcdef");
  output = std::move(moved);
  EXPECT_EQ(text_of(output), "abcdef");
  EXPECT_TRUE(moved.empty());
  EXPECT_EQ(moved.memory_bytes(), 0u);
}

TEST(Output, beyond_its_limit_it_keeps_nothing) {
  ChunkPool pool;
  Output output(&pool);
  output.limit_to(100'000);
  output.append("some");
  const Output::Mark mark = output.mark();
  const BlobRef blob = BlobRef::copy_of(std::string(50'000, 'b'));
  output.append(blob, blob.view());
  EXPECT_FALSE(output.overflown());
  for (int i = 0; i < 1000; ++i) {
    std::memset(output.room(1000), 'x', 1000);
    output.commit(1000);
    output.append(blob, blob.view());
    output.append(std::string(3000, 'y'));
    EXPECT_LE(output.memory_bytes(), 100'000u + torc::resp::chunk_bytes + 50'000u);
  }
  EXPECT_TRUE(output.overflown());
  EXPECT_EQ(output.memory_bytes(), torc::resp::chunk_bytes);
  EXPECT_EQ(output.written_bytes(), 4u + 50'000u + 1000u * 54'000u);
  output.insert_at(mark, "header");
  output.insert_at(output.mark(), "header");
  EXPECT_LT(output.size(), torc::resp::chunk_bytes);
  output.clear();
  EXPECT_FALSE(output.overflown());
  EXPECT_EQ(output.written_bytes(), 0u);
  output.append("again");
  EXPECT_EQ(text_of(output), "again");
}

TEST(Output, a_limit_stays_when_the_content_moves) {
  ChunkPool pool;
  Output output(&pool);
  output.limit_to(20'000);
  const auto fill = [&output] {
    for (int i = 0; i < 100; ++i) output.append(std::string(1000, 'x'));
  };
  fill();
  EXPECT_TRUE(output.overflown());
  Output moved(std::move(output));
  EXPECT_TRUE(moved.overflown());
  EXPECT_FALSE(output.overflown());
  fill();
  EXPECT_TRUE(output.overflown());
  output = Output(&pool);
  EXPECT_FALSE(output.overflown());
  fill();
  EXPECT_TRUE(output.overflown());
}

TEST(OutputDeathTest, room_for_no_more_than_a_header) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  ChunkPool pool;
  Output output(&pool);
  Output::Mark mark = output.mark();
  EXPECT_DEATH(output.insert_at(mark, std::string(33, 'x')), "mark_bytes_max");
}

}  // namespace
