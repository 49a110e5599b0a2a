// Files: what these operations do on the simulated disk.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "io/sim_ring.h"

namespace torc::io {

namespace {

bool is_aligned(uint64_t number) noexcept { return number % SimDisk::sector_bytes == 0; }

}  // namespace

SimRing::Pending& SimRing::add_file(Operation& operation, int fd, Attempt attempt) {
  DescriptorRef target = descriptor(fd);
  const int error = !target ? -EBADF : -EINVAL;
  Pending& pending = target && target->node ? add(operation, std::move(target), std::move(attempt))
                                            : add(operation, nullptr, [error](Pending&) { return done(error); });
  pending.is_file = true;
  return pending;
}

SimDisk::NodeRef SimRing::directory_of(int fd) const {
  if (fd == AT_FDCWD) return disk_.root();
  const DescriptorRef target = descriptor(fd);
  return target ? target->node : nullptr;
}

SimRing::Pending& SimRing::add_path(Operation& operation, int directory, const char* path,
                                    std::function<int(const SimDisk::NodeRef&)> attempt) {
  const SimDisk::NodeRef node = path[0] == '/' ? disk_.root() : directory_of(directory);
  Pending& pending = add(operation, nullptr, [node, attempt = std::move(attempt)](Pending&) {
    return done(node ? attempt(node) : -EBADF);
  });
  pending.is_file = true;
  guard_path(pending, path);
  return pending;
}

void SimRing::read(Operation& operation, int fd, void* data, size_t size, uint64_t offset, int flags) {
  Pending& pending = add_file(operation, fd, [this, size, offset, flags](Pending& self) {
    return read_file(*self.target, size, offset, flags);
  });
  guard_destination(pending, data, size);
}

SimRing::Outcome SimRing::read_file(Descriptor& file, size_t size, uint64_t offset, int flags) {
  const SimOptions& options = world_.options();
  if ((flags & RWF_NOWAIT) != 0 && world_.chance(options.would_block_permille)) return done(-EAGAIN);
  if ((file.flags & O_ACCMODE) == O_WRONLY) return done(-EBADF);
  const bool moves = offset == current_position;
  const uint64_t start = moves ? file.position : offset;
  if ((file.flags & O_DIRECT) != 0 && !(is_aligned(start) && is_aligned(size))) return done(-EINVAL);
  if (world_.chance(options.short_read_permille)) size = world_.part_of(size);
  Outcome outcome = done(0);
  outcome.result = disk_.read(file.node, start, size, &outcome.data);
  if (moves && outcome.result > 0) file.position += static_cast<uint64_t>(outcome.result);
  return outcome;
}

void SimRing::write(Operation& operation, int fd, std::span<const iovec> parts, uint64_t offset, int flags) {
  const std::vector<iovec> copy(parts.begin(), parts.end());
  Pending& pending = add_file(operation, fd, [this, copy, offset, flags](Pending& self) {
    return write_file(*self.target, copy, offset, flags);
  });
  guard_parts(pending, parts);
}

SimRing::Outcome SimRing::write_file(Descriptor& file, const std::vector<iovec>& parts, uint64_t offset, int flags) {
  const SimOptions& options = world_.options();
  if ((flags & RWF_NOWAIT) != 0 && world_.chance(options.would_block_permille)) return done(-EAGAIN);
  if ((file.flags & O_ACCMODE) == O_RDONLY) return done(-EBADF);
  if (world_.chance(options.write_error_permille)) return done(-EIO);
  std::string bytes;
  for (const iovec& part : parts) bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
  const bool appends = (file.flags & O_APPEND) != 0 || (flags & RWF_APPEND) != 0;
  const bool moves = offset == current_position;
  const uint64_t start = appends ? SimDisk::size_of(file.node) : moves ? file.position : offset;
  if ((file.flags & O_DIRECT) != 0 && !(is_aligned(start) && is_aligned(bytes.size()))) return done(-EINVAL);
  if (world_.chance(options.short_write_permille)) bytes.resize(world_.part_of(bytes.size()));
  const int result = disk_.write(file.node, start, bytes);
  if (moves && result > 0) file.position = start + static_cast<uint64_t>(result);
  const bool durable = (flags & (RWF_DSYNC | RWF_SYNC)) != 0 || (file.flags & (O_DSYNC | O_SYNC)) != 0;
  if (durable && result > 0) disk_.sync_range(file.node, disk_.now(), start, static_cast<uint64_t>(result));
  return done(result);
}

void SimRing::fsync(Operation& operation, int fd, SyncKind) {
  Pending& pending = add_file(operation, fd, [this](Pending& self) {
    const bool fails = world_.chance(world_.options().sync_error_permille);
    if (fails) {
      disk_.sync_failed(self.target->node, self.moment);
    } else {
      disk_.sync(self.target->node, self.moment);
    }
    return done(fails ? -EIO : 0);
  });
  pending.delay_us_max = world_.options().sync_us_max;
  // What is written while the sync runs is not promised to be in it.
  pending.begin = [this](const PendingRef& self) { self->moment = disk_.now(); };
}

void SimRing::ftruncate(Operation& operation, int fd, uint64_t size) {
  add_file(operation, fd, [this, size](Pending& self) { return done(disk_.truncate(self.target->node, size)); });
}

void SimRing::fallocate(Operation& operation, int fd, int mode, uint64_t offset, uint64_t size) {
  add_file(operation, fd, [this, mode, offset, size](Pending& self) {
    return done(disk_.allocate(self.target->node, mode, offset, size));
  });
}

void SimRing::openat(Operation& operation, int directory, const char* path, int flags, mode_t mode) {
  add_path(operation, directory, path, [this, path = std::string(path), flags, mode](const SimDisk::NodeRef& node) {
    auto opened = disk_.open(node, path, flags, mode);
    if (!opened) return opened.error();
    auto descriptor = std::make_shared<Descriptor>();
    descriptor->node = std::move(*opened);
    descriptor->flags = flags;
    return number_of(std::move(descriptor));
  });
}

void SimRing::close(Operation& operation, int fd) {
  Pending& pending = add(operation, nullptr, [this, fd](Pending&) {
    if (!descriptor(fd)) return done(-EBADF);
    drop(fd);
    return done(0);
  });
  pending.is_file = true;
}

void SimRing::rename(Operation& operation, int from_directory, const char* from, int to_directory, const char* to) {
  const SimDisk::NodeRef target = directory_of(to_directory);
  Pending& pending = add_path(operation, from_directory, from,
                              [this, from = std::string(from), target, to = std::string(to)](const auto& source) {
                                return target ? disk_.rename(source, from, target, to) : -EBADF;
                              });
  guard_path(pending, to);
}

void SimRing::unlink(Operation& operation, int directory, const char* path, UnlinkKind kind) {
  add_path(operation, directory, path, [this, path = std::string(path), kind](const SimDisk::NodeRef& node) {
    return disk_.unlink(node, path, kind == UnlinkKind::directory);
  });
}

void SimRing::mkdir(Operation& operation, int directory, const char* path, mode_t mode) {
  add_path(operation, directory, path, [this, path = std::string(path), mode](const SimDisk::NodeRef& node) {
    return disk_.make_directory(node, path, mode);
  });
}

void SimRing::stat(Operation& operation, int directory, const char* path, int flags, unsigned, struct statx* out) {
  const SimDisk::NodeRef node = directory_of(directory);
  Pending& pending = add(operation, nullptr, [this, node, path = std::string(path), flags](Pending&) {
    struct statx status {};
    Outcome outcome = done(node ? disk_.stat(node, path, flags, &status) : -EBADF);
    if (outcome.result == 0) outcome.data.assign(reinterpret_cast<const char*>(&status), sizeof status);
    return outcome;
  });
  pending.is_file = true;
  guard_path(pending, path);
  guard_destination(pending, out, sizeof *out);
}

}  // namespace torc::io
