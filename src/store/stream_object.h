// Stream: entries in ascending order of their ids, each a list of fields with values, and the consumer groups that read
// them. Behind the type are nodes of up to stream-node-max-entries entries each (ds/stream_node.h), in a tree by the id
// of their first entry (ds/id_tree.h; not a radix tree as in Redis, for the reasons given there).
//
// Appending writes at the end of the last node, which grows by half when its block is full. When the next node begins,
// the full one moves into a block that fits (reallocating would leave it where it is: the allocator does so until half
// of a block is unused), and the roomy block becomes the next node's. Deleted entries stay in their node as tombstones
// until nothing lives in it, as in Redis, so that both agree on the nodes. Trimming cuts whole nodes out of the
// tree, without touching them; they are freed later, in slices.
//
// Entries are read through a StreamCursor (stream_cursor.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "ds/id_tree.h"
#include "ds/stream_id.h"
#include "ds/stream_node.h"
#include "store/encoding_limits.h"
#include "store/object.h"
#include "store/stream_group.h"

namespace torc::store {

struct StreamTrim {
  enum class By : uint8_t { nothing, length, id };
  By by = By::nothing;
  uint64_t length = 0;  // so many entries stay
  ds::StreamId id;      // what is before goes
  bool approximate = false;  // whole nodes only
  uint64_t limit = 0;        // entries to be removed at most; 0: all
};

class Stream final : public Object {
 public:
  // Bytes of fields and values of one entry, at the most.
  static constexpr size_t entry_bytes_max = size_t{1} << 30;

  struct NodeRecord {
    ds::StreamId id;
    char* block;
    uint32_t live;      // entries
    uint32_t capacity;  // usable bytes of the block
    [[nodiscard]] uint64_t weight() const noexcept { return live; }
    [[nodiscard]] ds::StreamNode node() const noexcept { return {block, id}; }
  };
  using Nodes = ds::IdTree<NodeRecord>;

  Stream() = default;
  ~Stream() override;

  [[nodiscard]] uint64_t length() const noexcept { return length_; }
  [[nodiscard]] const ds::StreamId& first_id() const noexcept { return first_id_; }  // 0-0 when it is empty
  ds::StreamId last_id;         // of the last entry ever added, or what set_last_id() says
  ds::StreamId max_deleted_id;  // the greatest one that XDEL removed
  uint64_t entries_added = 0;

  // --- entries ---
  // The id must be greater than last_id, which it becomes.
  void append(const ds::StreamId& id, ds::StreamFields fields, const EncodingLimits& limits);
  // May lead back, though not behind an entry (XSETID).
  void set_last_id(const ds::StreamId& id) noexcept;
  [[nodiscard]] bool contains(const ds::StreamId& id) const noexcept;
  // False: there is no such entry. refresh_first_id() must follow before anything else looks at the stream.
  bool erase(const ds::StreamId& id) noexcept;
  // Looks for it only if it went, so that it costs nothing to delete others.
  void refresh_first_id() noexcept;
  // Returns how many entries were removed; what is to be freed goes to *discarded.
  uint64_t trim(const StreamTrim& trim, std::unique_ptr<Stream>* discarded);
  // Of the last entry that is not deleted; 0-0 when there is none.
  [[nodiscard]] ds::StreamId last_live_id() const noexcept;
  // Of the first entry, deleted or not; the greatest id when there is none.
  [[nodiscard]] ds::StreamId edge_id() const noexcept;
  [[nodiscard]] const Nodes& nodes() const noexcept { return nodes_; }
  // Whether all that stands in the nodes, tombstones included, ascends.
  [[nodiscard]] bool is_ascending() const noexcept { return is_ascending_; }
  // How many nodes a radix tree of the nodes' ids would have, as XINFO reports it; of many what the first ones suggest.
  [[nodiscard]] uint64_t radix_nodes() const noexcept;

  // --- groups ---
  [[nodiscard]] const ConsumerGroups& groups() const noexcept { return groups_; }
  [[nodiscard]] ConsumerGroups& groups() noexcept { return groups_; }
  [[nodiscard]] ConsumerGroup* find_group(std::string_view name) noexcept;
  // Null: there is one of that name.
  ConsumerGroup* add_group(std::string_view name, const ds::StreamId& last_id, int64_t entries_read);
  // The group must be there; what is to be freed is returned.
  std::unique_ptr<Stream> erase_group(std::string_view name);
  std::unique_ptr<Stream> erase_consumer(ConsumerGroup& group, Consumer& consumer);
  // Whether the entry, deleted or not, is pending in a group; whether it is that or a group has yet to read it.
  [[nodiscard]] bool is_pending(const ds::StreamId& id) const noexcept;
  [[nodiscard]] bool is_referenced(const ds::StreamId& id) const noexcept;
  // The group has read this entry, which comes after its last_id.
  void advance(ConsumerGroup& group, const ds::StreamId& id) const noexcept;
  // Entries that the group has not read yet, if that can be told.
  [[nodiscard]] std::optional<int64_t> lag(const ConsumerGroup& group) const noexcept;

  // --- Object ---
  [[nodiscard]] std::unique_ptr<Object> copy() const override;
  [[nodiscard]] size_t memory_bytes() const noexcept override;
  [[nodiscard]] uint64_t blocks() const noexcept override;
  bool release_some(size_t count) noexcept override;

 private:
  Nodes::Position start_node(const ds::StreamId& id, ds::StreamFields fields);
  static void replace_block(Nodes::Position node, char* block) noexcept;
  static void resize(Nodes::Position node, size_t bytes) noexcept;
  static char* cut_to_size(Nodes::Position node) noexcept;
  void set_live(Nodes::Position node, uint64_t live) noexcept;
  [[nodiscard]] Nodes::Position first_reaching(const ds::StreamId& id) const noexcept;
  [[nodiscard]] Nodes::Position first_staying(const StreamTrim& trim) const noexcept;
  uint64_t trim_within(Nodes::Position node, const StreamTrim& trim) noexcept;
  [[nodiscard]] bool has_tombstones_from(const ds::StreamId& id) const noexcept;
  [[nodiscard]] int64_t entries_before_and_with(const ds::StreamId& id) const noexcept;

  Nodes nodes_;
  uint64_t length_ = 0;
  ds::StreamId first_id_;
  ConsumerGroups groups_;
  mutable uint64_t radix_nodes_ = 0;  // 0: not counted since the nodes changed
  bool is_ascending_ = true;
  bool is_first_id_gone_ = false;
};

}  // namespace torc::store
