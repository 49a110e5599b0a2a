// Sectors written since the last flush persist in any subset; names last only after their directory was flushed.
#include "io/sim_disk.h"

#include <fcntl.h>
#include <linux/falloc.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

namespace torc::io {

struct SimDisk::Node {
  // The contents of one sector, zero-padded.
  struct Version {
    Moment moment;
    std::string bytes;
  };
  struct SizeVersion {
    Moment moment;
    uint64_t size;
  };

  uint64_t number = 0;
  bool is_directory = false;
  bool linked = true;  // has a name, and so counts as used
  mode_t mode = 0;
  // A directory.
  std::map<std::string, NodeRef, std::less<>> names;
  std::map<std::string, NodeRef, std::less<>> durable_names;
  // A file.
  std::string bytes;
  std::string durable_bytes;  // as long as any durable sector needs
  uint64_t durable_size = 0;
  std::map<uint64_t, std::vector<Version>> pending_sectors;
  std::vector<SizeVersion> pending_sizes;

  void make_sector_durable(uint64_t sector, const std::string& contents) {
    const size_t start = sector * sector_bytes;
    if (durable_bytes.size() < start + sector_bytes) durable_bytes.resize(start + sector_bytes);
    durable_bytes.replace(start, sector_bytes, contents);
  }
};

namespace {

using Node = SimDisk::Node;

uint64_t sectors_of(uint64_t bytes) noexcept { return (bytes + SimDisk::sector_bytes - 1) / SimDisk::sector_bytes; }

// The number of versions up to the moment; versions are in order.
template <class Versions>
size_t versions_until(const Versions& versions, SimDisk::Moment moment) noexcept {
  const auto end = std::find_if(versions.begin(), versions.end(), [&](const auto& one) { return one.moment > moment; });
  return static_cast<size_t>(end - versions.begin());
}

template <class Versions>
void drop_first(Versions& versions, size_t count) {
  versions.erase(versions.begin(), versions.begin() + static_cast<ptrdiff_t>(count));
}

bool wants_to_write(int flags) noexcept { return (flags & O_ACCMODE) != O_RDONLY; }

}  // namespace

SimDisk::SimDisk(SimWorld& world, uint64_t capacity_bytes) : world_(world), capacity_bytes_(capacity_bytes) {
  root_ = make_node(true, 0755);
}

SimDisk::NodeRef SimDisk::make_node(bool is_directory, mode_t mode) {
  auto node = std::make_shared<Node>();
  node->number = ++nodes_made_;
  node->is_directory = is_directory;
  node->mode = mode;
  return node;
}

// --- Names

std::expected<SimDisk::NodeRef, int> SimDisk::find(const NodeRef& directory, std::string_view path) const {
  NodeRef node = path.starts_with('/') ? root_ : directory;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (!node || !node->is_directory) return std::unexpected(-ENOTDIR);
    const auto found = node->names.find(name);
    if (found == node->names.end()) return std::unexpected(-ENOENT);
    node = found->second;
  }
  if (!node) return std::unexpected(-EBADF);
  return node;
}

std::expected<SimDisk::Place, int> SimDisk::place(const NodeRef& directory, std::string_view path) const {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  const std::string_view parent = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (name.empty()) return std::unexpected(path.empty() ? -ENOENT : -EBUSY);
  if (name == "." || name == "..") return std::unexpected(-EINVAL);
  if (name.size() > 255) return std::unexpected(-ENAMETOOLONG);
  auto node = find(directory, parent);
  if (!node) return std::unexpected(node.error());
  if (!(*node)->is_directory) return std::unexpected(-ENOTDIR);
  return Place{std::move(*node), std::string(name)};
}

void SimDisk::change_names(std::vector<NameChange> names) {
  for (const NameChange& change : names) {
    const auto replaced = change.directory->names.find(change.name);
    // The source of a rename is known by its target, which comes first.
    if (replaced != change.directory->names.end() && replaced->second != names.front().node) lose(*replaced->second);
    if (change.node) {
      change.directory->names[change.name] = change.node;
    } else {
      change.directory->names.erase(change.name);
    }
  }
  pending_names_.push_back({++changes_, std::move(names)});
}

void SimDisk::lose(Node& node) noexcept {
  used_bytes_ -= node.bytes.size();
  node.linked = false;
}

std::expected<SimDisk::NodeRef, int> SimDisk::open(const NodeRef& directory, std::string_view path, int flags,
                                                   mode_t mode) {
  auto node = find(directory, path);
  if (!node && node.error() == -ENOENT && (flags & O_CREAT) != 0) {
    auto where = place(directory, path);
    if (!where) return std::unexpected(where.error());
    const NodeRef made = make_node(false, mode);
    change_names({{where->directory, where->name, made}});
    return made;
  }
  if (!node) return node;
  if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return std::unexpected(-EEXIST);
  if ((*node)->is_directory && wants_to_write(flags)) return std::unexpected(-EISDIR);
  if (!(*node)->is_directory && (flags & O_DIRECTORY) != 0) return std::unexpected(-ENOTDIR);
  if ((flags & O_TRUNC) != 0 && wants_to_write(flags)) truncate(*node, 0);
  return node;
}

int SimDisk::rename(const NodeRef& from_directory, std::string_view from, const NodeRef& to_directory,
                    std::string_view to) {
  const auto source = place(from_directory, from);
  const auto target = place(to_directory, to);
  if (!source) return source.error();
  if (!target) return target.error();
  const auto moved = source->directory->names.find(source->name);
  if (moved == source->directory->names.end()) return -ENOENT;
  const auto replaced = target->directory->names.find(target->name);
  if (replaced != target->directory->names.end()) {
    if (replaced->second == moved->second) return 0;
    if (replaced->second->is_directory != moved->second->is_directory) {
      return replaced->second->is_directory ? -EISDIR : -ENOTDIR;
    }
    if (!replaced->second->names.empty()) return -ENOTEMPTY;
  }
  change_names({{target->directory, target->name, moved->second}, {source->directory, source->name, nullptr}});
  return 0;
}

int SimDisk::unlink(const NodeRef& directory, std::string_view path, bool is_directory) {
  const auto where = place(directory, path);
  if (!where) return where.error();
  const auto found = where->directory->names.find(where->name);
  if (found == where->directory->names.end()) return -ENOENT;
  if (found->second->is_directory != is_directory) return is_directory ? -ENOTDIR : -EISDIR;
  if (!found->second->names.empty()) return -ENOTEMPTY;
  change_names({{where->directory, where->name, nullptr}});
  return 0;
}

int SimDisk::make_directory(const NodeRef& directory, std::string_view path, mode_t mode) {
  const auto where = place(directory, path);
  if (!where) return where.error();
  if (where->directory->names.contains(where->name)) return -EEXIST;
  change_names({{where->directory, where->name, make_node(true, mode)}});
  return 0;
}

int SimDisk::stat(const NodeRef& directory, std::string_view path, int flags, struct statx* out) {
  if (path.empty() && (flags & AT_EMPTY_PATH) == 0) return -ENOENT;
  const auto node = find(directory, path);
  if (!node) return node.error();
  *out = {};
  out->stx_mask = STATX_TYPE | STATX_MODE | STATX_INO | STATX_SIZE | STATX_NLINK;
  out->stx_mode = static_cast<uint16_t>(((*node)->is_directory ? S_IFDIR : S_IFREG) | (*node)->mode);
  out->stx_ino = (*node)->number;
  out->stx_nlink = 1;
  out->stx_size = size_of(*node);
  out->stx_blksize = 4096;
  return 0;
}

std::expected<std::vector<std::string>, int> SimDisk::list(const NodeRef& directory) const {
  if (!directory || !directory->is_directory) return std::unexpected(ENOTDIR);
  std::vector<std::string> names;
  for (const auto& [name, node] : directory->names) names.push_back(name);
  return names;
}

// --- Contents

uint64_t SimDisk::size_of(const NodeRef& file) noexcept { return file->bytes.size(); }

int SimDisk::read(const NodeRef& file, uint64_t offset, size_t size, std::string* out) {
  if (file->is_directory) return -EISDIR;
  if (offset >= file->bytes.size()) return 0;
  const size_t count = std::min<uint64_t>(size, file->bytes.size() - offset);
  out->append(file->bytes, offset, count);
  return static_cast<int>(count);
}

void SimDisk::resize(Node& file, uint64_t size) {
  const uint64_t old_size = file.bytes.size();
  if (old_size == size) return;
  if (file.linked) used_bytes_ += size - old_size;
  file.bytes.resize(size);
  file.pending_sizes.push_back({++changes_, size});
  // What is cut off is zero when the file grows again.
  if (size < old_size) touch_sectors(file, size, old_size - size);
}

void SimDisk::touch_sectors(Node& file, uint64_t offset, uint64_t size) {
  if (size == 0) return;
  const Moment moment = ++changes_;
  const uint64_t end = sectors_of(offset + size);
  for (uint64_t sector = offset / sector_bytes; sector < end; ++sector) {
    const uint64_t start = sector * sector_bytes;
    std::string contents = start < file.bytes.size() ? file.bytes.substr(start, sector_bytes) : std::string();
    contents.resize(sector_bytes);
    file.pending_sectors[sector].push_back({moment, std::move(contents)});
  }
}

int SimDisk::write(const NodeRef& file, uint64_t offset, std::string_view bytes) {
  if (file->is_directory) return -EISDIR;
  const uint64_t old_size = file->bytes.size();
  const uint64_t end = offset + bytes.size();
  if (end > old_size && used_bytes_ + (end - old_size) > capacity_bytes_) {
    // As much as fits, as write(2) does.
    const uint64_t room = capacity_bytes_ - std::min(capacity_bytes_, used_bytes_);
    if (old_size + room <= offset) return -ENOSPC;
    bytes = bytes.substr(0, old_size + room - offset);
  }
  if (bytes.empty()) return 0;
  if (offset + bytes.size() > old_size) resize(*file, offset + bytes.size());
  file->bytes.replace(offset, bytes.size(), bytes);
  touch_sectors(*file, offset, bytes.size());
  return static_cast<int>(bytes.size());
}

int SimDisk::truncate(const NodeRef& file, uint64_t size) {
  if (file->is_directory) return -EINVAL;
  resize(*file, size);
  return 0;
}

int SimDisk::allocate(const NodeRef& file, int mode, uint64_t offset, uint64_t size) {
  if (file->is_directory) return -ENODEV;
  if (size == 0) return -EINVAL;
  const int action = mode & ~FALLOC_FL_KEEP_SIZE;
  const bool punch = action == FALLOC_FL_PUNCH_HOLE;
  if (action != 0 && !punch && action != FALLOC_FL_ZERO_RANGE) return -EOPNOTSUPP;
  if (punch && (mode & FALLOC_FL_KEEP_SIZE) == 0) return -EOPNOTSUPP;
  const uint64_t end = offset + size;
  const uint64_t old_size = file->bytes.size();
  if ((mode & FALLOC_FL_KEEP_SIZE) == 0 && end > old_size) {
    if (used_bytes_ + (end - old_size) > capacity_bytes_) return -ENOSPC;
    resize(*file, end);
  }
  if (action == 0 || offset >= old_size) return 0;
  const uint64_t zeroed = std::min(end, old_size) - offset;
  std::memset(file->bytes.data() + offset, 0, zeroed);
  touch_sectors(*file, offset, zeroed);
  return 0;
}

// --- Durability

void SimDisk::sync(const NodeRef& node, Moment begun) {
  if (node->is_directory) return sync_directory(node, begun, true);
  sync_range(node, begun, 0, UINT64_MAX);
}

void SimDisk::sync_range(const NodeRef& node, Moment begun, uint64_t offset, uint64_t size) {
  const uint64_t first = offset / sector_bytes;
  const uint64_t last = size == UINT64_MAX ? UINT64_MAX : sectors_of(offset + size);
  for (auto& [sector, versions] : node->pending_sectors) {
    const size_t count = versions_until(versions, begun);
    if (count == 0 || sector < first || sector >= last) continue;
    node->make_sector_durable(sector, versions[count - 1].bytes);
    drop_first(versions, count);
  }
  std::erase_if(node->pending_sectors, [](const auto& item) { return item.second.empty(); });
  if (const size_t count = versions_until(node->pending_sizes, begun); count > 0) {
    node->durable_size = node->pending_sizes[count - 1].size;
    drop_first(node->pending_sizes, count);
  }
}

void SimDisk::sync_failed(const NodeRef& node, Moment begun) {
  if (node->is_directory) return sync_directory(node, begun, false);
  for (auto& [sector, versions] : node->pending_sectors) {
    const size_t count = versions_until(versions, begun);
    if (count == 0) continue;
    if (world_.chance(500)) node->make_sector_durable(sector, versions[count - 1].bytes);
    drop_first(versions, count);
  }
  std::erase_if(node->pending_sectors, [](const auto& item) { return item.second.empty(); });
  const size_t count = versions_until(node->pending_sizes, begun);
  if (count > 0 && world_.chance(500)) node->durable_size = node->pending_sizes[count - 1].size;
  drop_first(node->pending_sizes, count);
}

void SimDisk::sync_directory(const NodeRef& directory, Moment begun, bool succeeded) {
  // From the last to the first: changes of this directory, and earlier ones of names that a chosen change touches.
  std::set<std::pair<Node*, std::string>> touched;
  std::vector<NamespaceChange> chosen;
  std::vector<NamespaceChange> left;
  for (auto change = pending_names_.rbegin(); change != pending_names_.rend(); ++change) {
    const bool affects = std::any_of(change->names.begin(), change->names.end(), [&](const NameChange& one) {
      return one.directory == directory || touched.contains({one.directory.get(), one.name});
    });
    if (change->moment > begun || !affects) {
      left.push_back(std::move(*change));
      continue;
    }
    for (const NameChange& one : change->names) touched.emplace(one.directory.get(), one.name);
    chosen.push_back(std::move(*change));
  }
  pending_names_.assign(std::make_move_iterator(left.rbegin()), std::make_move_iterator(left.rend()));
  for (auto change = chosen.rbegin(); change != chosen.rend() && succeeded; ++change) {
    for (const NameChange& one : change->names) {
      if (one.node) {
        one.directory->durable_names[one.name] = one.node;
      } else {
        one.directory->durable_names.erase(one.name);
      }
    }
  }
}

void SimDisk::power_cut() {
  keep_some_names();
  revive(root_);
  used_bytes_ = 0;
  std::vector<NodeRef> open = {root_};
  while (!open.empty()) {
    const NodeRef node = std::move(open.back());
    open.pop_back();
    used_bytes_ += node->bytes.size();
    node->linked = true;
    for (const auto& [name, child] : node->names) open.push_back(child);
  }
}

void SimDisk::keep_some_names() {
  std::set<std::pair<Node*, std::string>> lost;
  for (const NamespaceChange& change : pending_names_) {
    const bool possible = std::none_of(change.names.begin(), change.names.end(), [&](const NameChange& one) {
      return lost.contains({one.directory.get(), one.name});
    });
    const bool kept = possible && world_.chance(500);
    for (const NameChange& one : change.names) {
      if (!kept) {
        lost.emplace(one.directory.get(), one.name);
      } else if (one.node) {
        one.directory->durable_names[one.name] = one.node;
      } else {
        one.directory->durable_names.erase(one.name);
      }
    }
  }
  pending_names_.clear();
}

void SimDisk::revive(const NodeRef& root) {
  std::set<Node*> seen;
  std::vector<NodeRef> open = {root};
  while (!open.empty()) {
    const NodeRef node = std::move(open.back());
    open.pop_back();
    if (!seen.insert(node.get()).second) continue;
    node->names = node->durable_names;
    if (!node->is_directory) keep_some_sectors(*node);
    for (const auto& [name, child] : node->names) open.push_back(child);
  }
}

void SimDisk::keep_some_sectors(Node& file) {
  for (const auto& [sector, versions] : file.pending_sectors) {
    const size_t choice = world_.random().below(versions.size() + 1);
    if (choice > 0) file.make_sector_durable(sector, versions[choice - 1].bytes);
  }
  const size_t choice = world_.random().below(file.pending_sizes.size() + 1);
  if (choice > 0) file.durable_size = file.pending_sizes[choice - 1].size;
  file.pending_sectors.clear();
  file.pending_sizes.clear();
  file.bytes = file.durable_bytes;
  file.bytes.resize(file.durable_size);
  // Zeros behind the end: a file that grows again does not show what was there before.
  file.durable_bytes = file.bytes;
  file.durable_bytes.resize(sectors_of(file.durable_size) * sector_bytes);
}

// --- For tests

std::expected<std::string, int> SimDisk::content(std::string_view path) {
  const auto node = find(root_, path);
  if (!node) return std::unexpected(-node.error());
  return (*node)->bytes;
}

void SimDisk::put(std::string_view path, std::string_view bytes) {
  NodeRef directory = root_;
  for (size_t slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    make_directory(root_, path.substr(0, slash), 0755);
    sync(directory, now());
    directory = find(root_, path.substr(0, slash)).value();
  }
  const NodeRef file = open(root_, path, O_CREAT | O_WRONLY | O_TRUNC, 0644).value();
  write(file, 0, bytes);
  sync(file, now());
  sync(directory, now());
}

}  // namespace torc::io
