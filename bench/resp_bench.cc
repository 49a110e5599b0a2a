// What the protocol costs: parsing requests that arrive in pipelines, and writing replies.
#include <algorithm>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "resp/parser.h"
#include "resp/reply.h"

namespace {

using torc::base::BlobRef;
using torc::resp::ChunkPool;
using torc::resp::Output;
using torc::resp::Parser;
using torc::resp::ParserLimits;
using torc::resp::Reply;
using torc::resp::RequestList;

constexpr size_t key_bytes = 16;

std::string bulk(const std::string& bytes) { return "$" + std::to_string(bytes.size()) + "\r\n" + bytes + "\r\n"; }

std::string get_request() { return "*2\r\n$3\r\nGET\r\n" + bulk(std::string(key_bytes, 'k')); }

std::string set_request(size_t value_bytes) {
  return "*3\r\n$3\r\nSET\r\n" + bulk(std::string(key_bytes, 'k')) + bulk(std::string(value_bytes, 'v'));
}

std::string repeated(const std::string& text, int64_t count) {
  std::string all;
  for (int64_t i = 0; i < count; ++i) all += text;
  return all;
}

void parse_input(benchmark::State& state, const std::string& input, int64_t requests) {
  Parser parser;
  ParserLimits limits;
  RequestList list;
  for (auto _ : state) {
    auto progress = parser.parse(input, limits, 1024, list);
    if (progress.consumed != input.size()) state.SkipWithError("not all was parsed");
    benchmark::DoNotOptimize(list.arguments.data());
    benchmark::ClobberMemory();
    list.clear();
  }
  state.SetItemsProcessed(state.iterations() * requests);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(input.size()));
}

void parse_get(benchmark::State& state) {
  parse_input(state, repeated(get_request(), state.range(0)), state.range(0));
}
BENCHMARK(parse_get)->Arg(1)->Arg(4)->Arg(16)->Arg(64);

void parse_set(benchmark::State& state) {
  parse_input(state, repeated(set_request(32), state.range(0)), state.range(0));
}
BENCHMARK(parse_set)->Arg(1)->Arg(4)->Arg(16)->Arg(64);

// Lengths that no branch predictor can know.
void parse_mixed(benchmark::State& state) {
  torc::base::Random random(1);
  std::string input;
  for (int i = 0; i < 1024; ++i) {
    std::string key(1 + random.below(40), 'k');
    input += random.below(2) == 0 ? "*2\r\n$3\r\nGET\r\n" + bulk(key)
                                  : "*3\r\n$3\r\nSET\r\n" + bulk(key) + bulk(std::string(random.below(300), 'v'));
  }
  parse_input(state, input, 1024);
}
BENCHMARK(parse_mixed);

void parse_mset_of_ten(benchmark::State& state) {
  std::string request = "*21\r\n$4\r\nMSET\r\n";
  for (int i = 0; i < 10; ++i) request += bulk(std::string(key_bytes, 'k')) + bulk(std::string(32, 'v'));
  parse_input(state, repeated(request, state.range(0)), state.range(0));
}
BENCHMARK(parse_mset_of_ten)->Arg(1)->Arg(16);

void parse_inline_ping(benchmark::State& state) {
  parse_input(state, repeated("PING\r\n", state.range(0)), state.range(0));
}
BENCHMARK(parse_inline_ping)->Arg(1)->Arg(16);

// A stream in pieces of 1,000 bytes: every piece cuts a request.
void parse_cut(benchmark::State& state) {
  constexpr size_t piece_bytes = 1000;
  std::string stream = repeated(set_request(32), 1024);
  Parser parser;
  ParserLimits limits;
  RequestList list;
  for (auto _ : state) {
    size_t begin = 0;
    for (size_t end = 0; end != stream.size(); list.clear()) {
      end = std::min(end + piece_bytes, stream.size());
      begin += parser.parse(std::string_view(stream).substr(begin, end - begin), limits, 1024, list).consumed;
    }
  }
  state.SetItemsProcessed(state.iterations() * 1024);
}
BENCHMARK(parse_cut);

template <typename Write>
void write_replies(benchmark::State& state, Write write) {
  ChunkPool pool;
  Output output(&pool);
  Reply reply(&output, 2);
  for (auto _ : state) {
    for (int64_t i = 0; i < state.range(0); ++i) write(reply);
    benchmark::DoNotOptimize(output.segments().data());
    benchmark::ClobberMemory();
    output.clear();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void reply_ok(benchmark::State& state) {
  write_replies(state, [](Reply& reply) { reply.ok(); });
}
BENCHMARK(reply_ok)->Arg(1)->Arg(16)->Arg(64);

void reply_bulk_of_32(benchmark::State& state) {
  std::string value(32, 'v');
  write_replies(state, [&](Reply& reply) { reply.bulk(value); });
}
BENCHMARK(reply_bulk_of_32)->Arg(1)->Arg(16)->Arg(64);

void reply_integer(benchmark::State& state) {
  int64_t value = 123'456;
  write_replies(state, [&](Reply& reply) { reply.integer(value++); });
}
BENCHMARK(reply_integer)->Arg(1)->Arg(64);

void reply_blob_of_16k(benchmark::State& state) {
  BlobRef blob = BlobRef::copy_of(std::string(16 * 1024, 'v'));
  write_replies(state, [&](Reply& reply) { reply.bulk(blob); });
}
BENCHMARK(reply_blob_of_16k)->Arg(1)->Arg(64);

void reply_number(benchmark::State& state) {
  double value = 0.1234567;
  write_replies(state, [&](Reply& reply) { reply.number(value += 0.001); });
}
BENCHMARK(reply_number)->Arg(64);

void reply_deferred_array(benchmark::State& state) {
  write_replies(state, [](Reply& reply) {
    Output::Mark mark = reply.defer();
    for (int i = 0; i < 10; ++i) reply.integer(i);
    reply.end_array(mark, 10);
  });
}
BENCHMARK(reply_deferred_array)->Arg(1)->Arg(64);

}  // namespace

BENCHMARK_MAIN();
