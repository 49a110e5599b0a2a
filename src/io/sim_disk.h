// A simulated disk that forgets as much as a real one may. Files and directories have a present state, which reads
// see, and a durable one, which a power cut leaves:
// - Of the 512-byte sectors written since the last completed sync any subset is durable, each in any of its versions
//   since; the same holds for the size.
// - A sync makes durable what was written before it began, and not before it has ended.
// - Creating, renaming and removing names lasts only after a sync of the directory; until then any of these changes
//   may have happened, as long as none is there without an earlier one about the same name. A rename is never half
//   done.
// - A sync that fails with -EIO leaves some of the dirty sectors behind, and all of them count as clean: the next sync
//   succeeds without writing them.
// Results are those of the system calls, errors as -errno.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/sim_world.h"

namespace torc::io {

class SimDisk {
 public:
  static constexpr size_t sector_bytes = 512;

  struct Node;
  using NodeRef = std::shared_ptr<Node>;
  // A moment in the order of changes.
  using Moment = uint64_t;

  explicit SimDisk(SimWorld& world, uint64_t capacity_bytes = UINT64_MAX);

  [[nodiscard]] NodeRef root() const noexcept { return root_; }
  // Paths are relative to the directory, or absolute; "." is known, ".." and links are not.
  [[nodiscard]] std::expected<NodeRef, int> open(const NodeRef& directory, std::string_view path, int flags,
                                                 mode_t mode);
  int rename(const NodeRef& from_directory, std::string_view from, const NodeRef& to_directory, std::string_view to);
  int unlink(const NodeRef& directory, std::string_view path, bool is_directory);
  int make_directory(const NodeRef& directory, std::string_view path, mode_t mode);
  int stat(const NodeRef& directory, std::string_view path, int flags, struct statx* out);
  [[nodiscard]] std::expected<std::vector<std::string>, int> list(const NodeRef& directory) const;

  int read(const NodeRef& file, uint64_t offset, size_t size, std::string* out);
  int write(const NodeRef& file, uint64_t offset, std::string_view bytes);
  int truncate(const NodeRef& file, uint64_t size);
  int allocate(const NodeRef& file, int mode, uint64_t offset, uint64_t size);
  [[nodiscard]] static uint64_t size_of(const NodeRef& file) noexcept;

  // A sync begins: what has changed up to now is what it will make durable.
  [[nodiscard]] Moment now() const noexcept { return changes_; }
  void sync(const NodeRef& node, Moment begun);
  // The same for a part of a file only (RWF_DSYNC).
  void sync_range(const NodeRef& file, Moment begun, uint64_t offset, uint64_t size);
  void sync_failed(const NodeRef& node, Moment begun);

  // The power is cut and comes back. Open nodes are stale afterwards: nothing that held one may go on.
  void power_cut();

  // For tests: what a file holds now, or nothing when there is none.
  [[nodiscard]] std::expected<std::string, int> content(std::string_view path);
  // A durable file, made at once with its directories.
  void put(std::string_view path, std::string_view bytes);
  [[nodiscard]] uint64_t used_bytes() const noexcept { return used_bytes_; }
  void set_capacity(uint64_t bytes) noexcept { capacity_bytes_ = bytes; }

 private:
  // One name set to a node, or removed (null).
  struct NameChange {
    NodeRef directory;
    std::string name;
    NodeRef node;
  };
  // What happens as one: a rename has two of them.
  struct NamespaceChange {
    Moment moment;
    std::vector<NameChange> names;
  };
  struct Place {
    NodeRef directory;
    std::string name;
  };

  [[nodiscard]] std::expected<NodeRef, int> find(const NodeRef& directory, std::string_view path) const;
  [[nodiscard]] std::expected<Place, int> place(const NodeRef& directory, std::string_view path) const;
  [[nodiscard]] NodeRef make_node(bool is_directory, mode_t mode);
  void change_names(std::vector<NameChange> names);
  void lose(Node& node) noexcept;
  void touch_sectors(Node& file, uint64_t offset, uint64_t size);
  void resize(Node& file, uint64_t size);
  void sync_directory(const NodeRef& directory, Moment begun, bool succeeded);
  void keep_some_names();
  void keep_some_sectors(Node& file);
  void revive(const NodeRef& node);

  SimWorld& world_;
  uint64_t capacity_bytes_;
  uint64_t used_bytes_ = 0;
  uint64_t nodes_made_ = 0;
  Moment changes_ = 0;
  NodeRef root_;
  std::vector<NamespaceChange> pending_names_;
};

}  // namespace torc::io
