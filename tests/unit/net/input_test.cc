// Input against a model: however the stream is cut, and whatever happens between the pieces, the requests that come out
// are those that went in, and the views of a batch hold until it is given back.
#include "net/input.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"

namespace torc::net {
namespace {

using Arguments = std::vector<std::string>;

std::string encode(const Arguments& arguments) {
  std::string wire = "*" + std::to_string(arguments.size()) + "\r\n";
  for (const std::string& argument : arguments) {
    wire += "$" + std::to_string(argument.size()) + "\r\n" + argument + "\r\n";
  }
  return wire;
}

// Stands for the ring's buffers: each slice is a block of its own, so that a sanitizer sees a view that outlives it.
class Slices {
 public:
  io::BufferSlice make(std::string_view bytes) {
    auto block = std::make_unique<char[]>(bytes.size());
    std::memcpy(block.get(), bytes.data(), bytes.size());
    io::BufferSlice slice{block.get(), static_cast<uint32_t>(bytes.size()), next_id_++};
    blocks_[slice.buffer_id] = std::move(block);
    return slice;
  }
  void take_spent(InputPool& pool) {
    for (const io::BufferSlice& slice : pool.spent) {
      ASSERT_TRUE(blocks_.contains(slice.buffer_id)) << "given back twice";
      std::memset(blocks_[slice.buffer_id].get(), '#', slice.size);
      blocks_.erase(slice.buffer_id);
    }
    pool.spent.clear();
  }
  [[nodiscard]] size_t out() const { return blocks_.size(); }

 private:
  std::map<uint32_t, std::unique_ptr<char[]>> blocks_;
  uint32_t next_id_ = 0;
};

std::vector<Arguments> copy_of(const resp::RequestList& list) {
  std::vector<Arguments> requests;
  for (const resp::Request& request : list.requests) {
    Arguments arguments;
    for (std::string_view argument : list.arguments_of(request)) arguments.emplace_back(argument);
    requests.push_back(std::move(arguments));
  }
  return requests;
}

class InputTest : public ::testing::Test {
 protected:
  ~InputTest() override {
    input_.reset(pool_);
    slices_.take_spent(pool_);
    EXPECT_EQ(slices_.out(), 0u);
  }
  void arrive(std::string_view bytes) { input_.arrived(slices_.make(bytes), pool_); }
  Batch* parse(size_t requests_max = 1000, size_t bytes_max = SIZE_MAX) {
    Batch* batch = input_.parse(limits_, {requests_max, bytes_max}, pool_);
    slices_.take_spent(pool_);
    return batch;
  }
  void finish() {
    input_.finished(pool_);
    slices_.take_spent(pool_);
  }

  InputPool pool_;
  Slices slices_;
  resp::ParserLimits limits_;
  Input input_;
};

TEST_F(InputTest, RequestsAreViewsIntoTheSliceThatArrived) {
  arrive(encode({"SET", "key", "value"}) + encode({"PING"}));
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  EXPECT_TRUE(input_.lent());
  ASSERT_EQ(batch->slices.size(), 1u);
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"SET", "key", "value"}, {"PING"}}));
  const char* begin = batch->slices[0].data;
  for (std::string_view view : batch->list.arguments) {
    EXPECT_TRUE(view.data() >= begin && view.data() < begin + batch->slices[0].size);
  }
  EXPECT_EQ(pool_.bytes_copied, 0u);
  EXPECT_EQ(batch->input_bytes, encode({"SET", "key", "value"}).size() + encode({"PING"}).size());
  finish();
  EXPECT_FALSE(input_.lent());
}

TEST_F(InputTest, AnIncompleteRequestPinsNoSlice) {
  const std::string wire = encode({"SET", "key", "value"});
  arrive(wire.substr(0, 20));
  EXPECT_EQ(parse(), nullptr);
  EXPECT_EQ(slices_.out(), 0u);
  EXPECT_EQ(input_.incomplete_bytes(), 3u);  // "key": all before it was understood
  arrive(wire.substr(20));
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"SET", "key", "value"}}));
  EXPECT_EQ(batch->input_bytes, wire.size());
  finish();
}

TEST_F(InputTest, SaysWhatIsHeldAndWhatThatTakes) {
  arrive("*3\r\n$3\r\nSET\r\n$5\r\nab");
  EXPECT_EQ(parse(), nullptr);
  EXPECT_EQ(input_.held_bytes(), 19u);
  EXPECT_GE(input_.memory_bytes(), input_.held_bytes());
  arrive("cde\r\n$2\r\nxy\r\n");
  ASSERT_TRUE(parse());
  EXPECT_EQ(input_.held_bytes(), 0u);
  arrive("PING");
  EXPECT_EQ(input_.held_bytes(), 4u) << "behind the batch that is lent";
  finish();
}

// As redis-server shows it: the head of a big bulk is consumed by then.
TEST_F(InputTest, TheHeadOfABigBulkIsNotHeld) {
  arrive("*2\r\n$100000\r\n" + std::string(50'000, 'x'));
  EXPECT_EQ(parse(), nullptr);
  EXPECT_EQ(input_.held_bytes(), 50'000u);
  EXPECT_GT(input_.request_bytes(), 50'000u);
  EXPECT_EQ(input_.incomplete_bytes(), 50'000u);
  EXPECT_GE(input_.memory_bytes(), 100'000u) << "the room for the rest";
}

TEST_F(InputTest, OnlyTheRequestThatWasCutIsCopied) {
  std::string wire;
  std::vector<Arguments> expected;
  for (int i = 0; i < 2000; ++i) {
    expected.push_back({"GET", "key:" + std::to_string(i)});
    wire += encode(expected.back());
  }
  arrive(wire.substr(0, 30'001));
  Batch* first = parse(5000);
  ASSERT_TRUE(first);
  std::vector<Arguments> got = copy_of(first->list);
  finish();
  arrive(wire.substr(30'001));
  Batch* second = parse(5000);
  ASSERT_TRUE(second);
  for (Arguments& request : copy_of(second->list)) got.push_back(std::move(request));
  EXPECT_EQ(got, expected);
  EXPECT_LT(pool_.bytes_copied, 1000u);
  finish();
}

TEST_F(InputTest, ArrivalsBehindALentBatchWait) {
  arrive(encode({"A"}));
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  arrive(encode({"B"}) + encode({"C"}).substr(0, 5));
  arrive(encode({"C"}).substr(5));
  slices_.take_spent(pool_);
  EXPECT_EQ(slices_.out(), 1u);
  EXPECT_GT(input_.backlog_bytes(), 0u);
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"A"}}));
  finish();
  EXPECT_TRUE(input_.unparsed());
  batch = parse();
  ASSERT_TRUE(batch);
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"B"}, {"C"}}));
  EXPECT_EQ(input_.backlog_bytes(), 0u);
  finish();
}

TEST_F(InputTest, ABatchOfManyBytesLeavesTheRestForTheNext) {
  arrive(encode({"A"}));
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  const std::string large(50'000, 'x');
  for (int i = 0; i < 40; ++i) arrive(encode({"ECHO", large}));
  const size_t sent = 40 * encode({"ECHO", large}).size();
  EXPECT_EQ(input_.backlog_bytes(), sent);
  finish();
  size_t requests = 0;
  for (int batches = 1; input_.unparsed(); ++batches) {
    batch = parse(1000, 200'000);
    ASSERT_TRUE(batch);
    requests += batch->list.requests.size();
    EXPECT_GE(batch->list.requests.size(), batches < 8 ? 4u : 1u);
    EXPECT_LE(batch->list.requests.size(), 7u);
    EXPECT_GE(batch->memory_bytes, batch->list.requests.size() * large.size());
    EXPECT_LE(batch->memory_bytes, 600'000u);
    finish();
  }
  EXPECT_EQ(requests, 40u);
}

TEST_F(InputTest, AFullBatchLeavesTheRestForTheNext) {
  std::string wire;
  for (int i = 0; i < 10; ++i) wire += encode({"N", std::to_string(i)});
  arrive(wire);
  for (int i = 0; i < 10; i += 2) {
    Batch* batch = parse(2);
    ASSERT_TRUE(batch);
    EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"N", std::to_string(i)}, {"N", std::to_string(i + 1)}}));
    finish();
  }
  EXPECT_FALSE(input_.unparsed());
}

TEST_F(InputTest, ABigBulkIsReceivedIntoItsBlob) {
  const std::string value(3'000'000, 'v');
  const std::string wire = encode({"SET", "k", value}) + encode({"PING"});
  const size_t header = wire.find('v') + 10;
  arrive(wire.substr(0, header));
  EXPECT_EQ(parse(), nullptr);
  EXPECT_EQ(input_.blob_missing(), value.size() - 10);
  size_t position = header;
  while (input_.blob_missing() > 0) {
    std::span<char> room = input_.blob_room();
    ASSERT_FALSE(room.empty());
    const size_t part = std::min<size_t>(room.size(), 100'000);
    std::memcpy(room.data(), wire.data() + position, part);
    input_.blob_arrived(part);
    position += part;
  }
  EXPECT_GE(input_.request_bytes(), value.size());
  EXPECT_EQ(input_.incomplete_bytes(), 0u);
  EXPECT_TRUE(input_.blob_room().empty());
  arrive(wire.substr(position));
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->list.blobs.size(), 1u);
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"SET", "k", value}, {"PING"}}));
  EXPECT_EQ(batch->input_bytes, wire.size());
  finish();
  EXPECT_EQ(input_.incomplete_bytes(), 0u);
}

TEST_F(InputTest, ABlobGoesOnWhileABatchIsLent) {
  const std::string value(200'000, 'v');
  const std::string wire = encode({"SET", "k", value});
  arrive(encode({"PING"}) + wire.substr(0, 1000));
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  arrive(wire.substr(1000, 50'000));
  EXPECT_EQ(input_.backlog_bytes(), 0u);
  EXPECT_FALSE(input_.blob_room().empty());
  arrive(wire.substr(51'000) + encode({"NEXT"}));
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"PING"}}));
  finish();
  batch = parse();
  ASSERT_TRUE(batch);
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"SET", "k", value}, {"NEXT"}}));
  finish();
}

TEST_F(InputTest, AProtocolErrorComesAfterTheGoodRequests) {
  arrive(encode({"PING"}) + "*1\r\n!oops\r\n" + encode({"NEVER"}));
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"PING"}}));
  EXPECT_EQ(batch->protocol_error, "Protocol error: expected '$', got '!'");
  arrive(encode({"NEVER"}));
  finish();
  EXPECT_EQ(parse(), nullptr);
  EXPECT_TRUE(input_.stopped());
}

TEST_F(InputTest, AProtocolErrorInTheBacklogKeepsTheViewsBeforeIt) {
  arrive(encode({"PING"}));
  ASSERT_TRUE(parse());
  arrive(encode({"BEFORE", "the", "error"}) + "*-x\r\n");
  finish();
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"BEFORE", "the", "error"}}));
  EXPECT_FALSE(batch->protocol_error.empty());
  finish();
}

TEST_F(InputTest, AnErrorAloneIsLentToo) {
  arrive("*1\r\n!oops\r\n");
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->list.empty());
  EXPECT_FALSE(batch->protocol_error.empty());
  finish();
}

TEST_F(InputTest, StoppingDropsWhatWaitsButNotWhatIsLent) {
  arrive(encode({"A", "argument"}) + encode({"B"}));
  Batch* batch = parse(1);
  ASSERT_TRUE(batch);
  arrive(encode({"C"}));
  input_.stop(pool_);
  EXPECT_EQ(copy_of(batch->list), (std::vector<Arguments>{{"A", "argument"}}));
  finish();
  EXPECT_FALSE(input_.unparsed());
  arrive(encode({"D"}));
  EXPECT_EQ(parse(), nullptr);
}

TEST_F(InputTest, ADetachedBatchKeepsItsArguments) {
  const std::vector<Arguments> expected = {{"SET", "key", ""}, {"PING"}, {"GET", std::string(5000, 'k')}};
  std::string wire;
  for (const Arguments& request : expected) wire += encode(request);
  arrive(wire.substr(0, 17));
  arrive(wire.substr(17, 40));
  arrive(wire.substr(57));
  Batch* batch = parse();
  ASSERT_TRUE(batch);
  EXPECT_GT(slices_.out(), 0u);
  batch->detach(pool_.spent);
  slices_.take_spent(pool_);
  EXPECT_EQ(slices_.out(), 0u);
  EXPECT_EQ(copy_of(batch->list), expected);
  finish();
}

// --- random streams

class RandomStream {
 public:
  explicit RandomStream(uint64_t seed) : random_(seed) {
    while (wire_.size() < 400'000) add_request();
  }
  std::string_view next_piece() {
    static constexpr size_t scales[] = {1, 4, 40, 3000, 30'000, 65'536};
    const size_t size = 1 + random_.below(scales[random_.below(std::size(scales))]);
    const std::string_view piece = std::string_view(wire_).substr(position_, size);
    position_ += piece.size();
    return piece;
  }
  [[nodiscard]] bool done() const { return position_ == wire_.size(); }
  std::deque<Arguments>& expected() { return expected_; }
  size_t below(size_t bound) { return random_.below(bound); }
  void skip(size_t bytes) { position_ += bytes; }
  [[nodiscard]] const char* here() const { return wire_.data() + position_; }

 private:
  std::string random_bytes(size_t size) {
    std::string bytes(size, 'x');
    for (size_t i = 0; i < size; i += 1 + size / 64) bytes[i] = static_cast<char>(random_.below(256));
    return bytes;
  }
  void add_request() {
    const uint64_t kind = random_.below(100);
    if (kind < 10) {
      wire_ += random_.below(2) == 0 ? "\r\n" : "*0\r\n";
    } else if (kind < 20) {
      expected_.push_back({"inline", std::to_string(random_.below(1'000'000))});
      wire_ += "inline  \"" + expected_.back()[1] + "\"\r\n";
    } else {
      Arguments arguments = {"COMMAND"};
      for (size_t count = random_.below(5); count > 0; --count) {
        static constexpr size_t sizes[] = {1, 20, 20, 20, 20, 600, 5000, 40'000, 120'000};
        arguments.push_back(random_bytes(random_.below(sizes[random_.below(std::size(sizes))])));
      }
      wire_ += encode(arguments);
      expected_.push_back(std::move(arguments));
    }
  }

  base::Random random_;
  std::string wire_;
  size_t position_ = 0;
  std::deque<Arguments> expected_;
};

class RandomInputTest : public InputTest, public ::testing::WithParamInterface<uint64_t> {
 protected:
  void parse_and_check(RandomStream& stream) {
    lent_ = parse(1 + stream.below(50));
    if (!lent_) return;
    lent_copy_ = copy_of(lent_->list);
    for (const Arguments& request : lent_copy_) {
      ASSERT_FALSE(stream.expected().empty());
      ASSERT_EQ(request, stream.expected().front());
      stream.expected().pop_front();
    }
  }
  void finish_and_check() {
    ASSERT_EQ(copy_of(lent_->list), lent_copy_);
    lent_ = nullptr;
    finish();
  }
  void arrive_somehow(RandomStream& stream) {
    std::span<char> room = input_.blob_room();
    if (room.empty() || stream.below(2) == 0) return arrive(stream.next_piece());
    const size_t part = 1 + stream.below(room.size());
    std::memcpy(room.data(), stream.here(), part);
    stream.skip(part);
    input_.blob_arrived(part);
  }

  Batch* lent_ = nullptr;
  std::vector<Arguments> lent_copy_;
};

TEST_P(RandomInputTest, WhatGoesInComesOut) {
  RandomStream stream(GetParam());
  while (!stream.done() || input_.unparsed() || lent_) {
    if (!stream.done() && stream.below(3) > 0) arrive_somehow(stream);
    if (lent_ && stream.below(8) == 0) {
      lent_->detach(pool_.spent);
      slices_.take_spent(pool_);
    }
    if (lent_ && stream.below(2) == 0) finish_and_check();
    if (!lent_ && stream.below(2) == 0) parse_and_check(stream);
    ASSERT_FALSE(HasFatalFailure());
  }
  EXPECT_TRUE(stream.expected().empty());
  EXPECT_EQ(input_.incomplete_bytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomInputTest, ::testing::Range<uint64_t>(1, 41));

}  // namespace
}  // namespace torc::net
