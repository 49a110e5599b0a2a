// A stream with a consumer group under operations that the input chooses, against std::map: limits of nodes, ids far
// apart, tombstones, trims; what is pending, for whom and how often.
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "input.h"
#include "store/stream_cursor.h"
#include "store/stream_object.h"

namespace {

using torc::ds::StreamId;
using torc::fuzz::Input;
using torc::fuzz::require;
using torc::store::Consumer;
using torc::store::ConsumerGroup;
using torc::store::Stream;
using torc::store::StreamCursor;
using torc::store::StreamTrim;

struct Pending {
  uint8_t consumer;
  int64_t deliveries;
};

struct Run {
  explicit Run(Input& given) : input(given) {
    limits.stream_node_entries = input.byte() % 8;
    limits.stream_node_bytes = input.byte() * 4u;
    for (const char* name : {"a", "b", "c"}) consumers.push_back(&group.add_consumer(name, 0));
  }

  void append() {
    const uint8_t step = input.byte();
    StreamId id = stream.last_id;
    id.sequence += step % 16 + 1u;
    if (step >= 128) id.ms += uint64_t{1} << step % 48;
    if (id <= stream.last_id) return;
    std::vector<std::string> fields;
    for (int i = 0; i < step / 16 % 4 + 1; ++i) {
      fields.push_back("f" + std::to_string(i == 0 ? step % 2 : i));
      fields.push_back(step % 3 == 0 ? std::string(step, 'v') : std::to_string(int64_t{step} << step % 60));
    }
    stream.append(id, std::vector<std::string_view>(fields.begin(), fields.end()), limits);
    model[id] = fields;
  }
  // One that is there, or was not long ago.
  StreamId some_id() {
    StreamId wanted = stream.last_id;
    wanted.sequence -= std::min<uint64_t>(wanted.sequence, input.byte());
    const auto found = model.lower_bound(wanted);
    return found == model.end() || input.byte() % 8 == 0 ? wanted : found->first;
  }
  void erase() {
    const StreamId id = some_id();
    require(stream.erase(id) == (model.erase(id) == 1));
    stream.refresh_first_id();
  }
  void trim() {
    StreamTrim how;
    how.by = input.byte() % 2 == 0 ? StreamTrim::By::length : StreamTrim::By::id;
    how.length = model.size() - std::min<size_t>(model.size(), input.byte() % 32);
    how.id = some_id();
    how.approximate = input.byte() % 2 == 0;
    how.limit = how.approximate ? input.byte() % 16 : 0;
    std::unique_ptr<Stream> discarded;
    uint64_t removed = stream.trim(how, &discarded);
    require(how.limit == 0 || removed <= how.limit);
    for (; removed > 0; --removed) {
      require(how.by == StreamTrim::By::length ? model.size() > how.length : model.begin()->first < how.id);
      model.erase(model.begin());
    }
    const bool more = !model.empty() && (how.by == StreamTrim::By::length ? model.size() > how.length
                                                                          : model.begin()->first < how.id);
    require(how.approximate || !more);
  }
  void change_pending() {
    const StreamId id = some_id();
    const uint8_t choice = input.byte();
    Consumer& consumer = *consumers[choice % 3];
    if (choice < 100) {
      require(group.acknowledge(id) == (pending.erase(id) == 1));
    } else if (choice < 180) {
      group.deliver(id, consumer, 1);
      pending[id] = {static_cast<uint8_t>(choice % 3), 1};
    } else {
      const int64_t deliveries = choice % 2 == 0 ? INT64_MAX : choice;
      group.redeliver(group.give(id, group.pending().find(id), consumer), 1, deliveries);
      pending[id] = {static_cast<uint8_t>(choice % 3), deliveries};
    }
  }
  void step() {
    const uint8_t choice = input.byte() % 16;
    if (choice < 8) return append();
    if (choice < 11) return erase();
    choice < 15 ? change_pending() : trim();
  }

  void compare() {
    require(stream.length() == model.size());
    StreamCursor cursor(stream, {}, StreamId::max());
    char digits[24];
    for (const auto& [id, fields] : model) {
      require(cursor.next() && cursor.entry().id == id && cursor.entry().fields == fields.size() / 2);
      for (size_t i = 0; i < fields.size(); i += 2) {
        torc::ds::Listpack::Element field, value;
        cursor.next_field(&field, &value);
        require(field.string(digits) == fields[i] && value.string(digits) == fields[i + 1]);
      }
    }
    require(!cursor.next());
    StreamCursor backward(stream, {}, StreamId::max(), StreamCursor::Direction::backward);
    for (auto at = model.rbegin(); at != model.rend(); ++at) {
      require(backward.next() && backward.entry().id == at->first);
    }
    require(!backward.next() && group.pending().size() == pending.size());
    for (const auto& [id, expected] : pending) {
      const auto entry = group.pending().find(id);
      require(entry && group.deliveries(*entry) == expected.deliveries);
      require(&group.owner(*entry) == consumers[expected.consumer] && consumers[expected.consumer]->pending.find(id));
    }
  }

  Input& input;
  torc::store::EncodingLimits limits;
  Stream stream;
  std::map<StreamId, std::vector<std::string>> model;
  ConsumerGroup group{{}, 0};
  std::vector<Consumer*> consumers;
  std::map<StreamId, Pending> pending;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return torc::fuzz::play<Run>(data, size);
}
