// BatchPool: lists keep their capacity for whoever comes next, and together little memory, whatever was sent before.
#include "net/batch.h"

#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <vector>

namespace torc::net {
namespace {

// So many batches with so many arguments each are out at once and come back.
void use(BatchPool* pool, size_t batches, size_t arguments) {
  std::vector<Batch*> out;
  for (size_t i = 0; i < batches; ++i) {
    out.push_back(pool->take());
    out.back()->list.arguments.resize(arguments);
    out.back()->list.requests.resize(arguments / 3);
  }
  for (Batch* batch : out) pool->give_back(batch);
}

TEST(BatchPool, keeps_what_pipelines_need) {
  BatchPool pool;
  use(&pool, 100, 3 * 16);
  for (int i = 0; i < 100; ++i) {
    const std::unique_ptr<Batch> batch(pool.take());
    EXPECT_GE(batch->list.arguments.capacity(), 3u * 16);
    EXPECT_TRUE(batch->list.empty());
  }
  EXPECT_EQ(pool.idle_bytes(), 0u);
}

TEST(BatchPool, keeps_little_of_large_requests) {
  for (const size_t arguments : {1'000u, 4'000u, 65'000u, 1'000'000u}) {
    const size_t batches = 3'000'000 / arguments + 1;  // some 70 MB
    BatchPool pool;
    use(&pool, batches, arguments);
    EXPECT_LE(pool.idle_bytes(), BatchPool::idle_bytes_max) << arguments;
    use(&pool, 300, 3);
    EXPECT_LE(pool.idle_bytes(), BatchPool::idle_bytes_max) << arguments;
  }
}

TEST(BatchPool, counts_the_lists_of_a_batch) {
  Batch batch;
  batch.list.arguments.resize(1000);
  batch.list.requests.resize(10);
  EXPECT_EQ(batch.own_bytes(), 1000 * sizeof(std::string_view) + 10 * sizeof(resp::Request));
}

}  // namespace
}  // namespace torc::net
