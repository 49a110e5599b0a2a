// Mapping the queues that the kernel shares with us, for kernels with and without the array of indices.
#include "io/uring_queue.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace torc::io::uring {

namespace {

// Combinations of flags from best to plainest. DEFER_TASKRUN is worth most: completions are then posted only when we
// ask for them; COOP_TASKRUN is the next best (no interrupt of the running thread).
std::array<uint32_t, 5> flag_candidates(const Features& allowed) noexcept {
  const uint32_t base = setup_cq_size | setup_clamp | setup_submit_all;
  const uint32_t single = allowed.single_issuer ? setup_single_issuer : 0;
  // The kernel takes DEFER_TASKRUN only together with SINGLE_ISSUER.
  const uint32_t run = allowed.defer_taskrun && single != 0 ? setup_defer_taskrun : setup_coop_taskrun;
  const uint32_t array = allowed.no_sqarray ? setup_no_sqarray : 0;
  return {base | single | run | array, base | single | run, base | single | setup_coop_taskrun,
          base | setup_coop_taskrun, base};
}

}  // namespace

Queue::Queue(Queue&& other) noexcept
    : sqes_(other.sqes_),
      sq_tail_(other.sq_tail_),
      sq_mask_(other.sq_mask_),
      sq_kernel_head_(other.sq_kernel_head_),
      sq_kernel_tail_(other.sq_kernel_tail_),
      sq_kernel_flags_(other.sq_kernel_flags_),
      cqes_(other.cqes_),
      cq_head_(other.cq_head_),
      cq_mask_(other.cq_mask_),
      cq_kernel_head_(other.cq_kernel_head_),
      cq_kernel_tail_(other.cq_kernel_tail_),
      fd_(std::exchange(other.fd_, -1)),
      setup_flags_(other.setup_flags_),
      kernel_features_(other.kernel_features_),
      rings_(std::move(other.rings_)),
      completion_ring_(std::move(other.completion_ring_)),
      entries_(std::move(other.entries_)) {}

void Queue::close() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::expected<Queue, int> Queue::create(const QueueOptions& options) {
  Queue queue;
  int error = -EINVAL;
  for (const uint32_t flags : flag_candidates(options.allowed)) {
    Params params{};
    error = queue.set_up(options.submission_entries, options.completion_entries, flags, &params);
    if (error == 0) return queue;
    if (error != -EINVAL) break;
  }
  return std::unexpected(error);
}

int Queue::set_up(uint32_t submission_entries, uint32_t completion_entries, uint32_t flags, Params* params) {
  params->flags = flags;
  params->cq_entries = completion_entries;
  const int fd = setup(submission_entries, params);
  if (fd < 0) return fd;
  fd_ = fd;
  if (map(*params)) return 0;
  const int error = -errno;
  close();
  return error;
}

bool Queue::map(const Params& params) {
  setup_flags_ = params.flags;
  kernel_features_ = params.features;
  const bool has_array = (params.flags & setup_no_sqarray) == 0;
  const size_t sq_bytes = has_array ? params.sq.array + params.sq_entries * sizeof(uint32_t) : 0;
  const size_t cq_bytes = params.cq.cqes + params.cq_entries * sizeof(Cqe);
  const bool single = (params.features & feature_single_mmap) != 0;
  rings_ = MemoryMap::of_descriptor(fd_, mmap_sq_ring, single ? std::max(sq_bytes, cq_bytes) : sq_bytes);
  if (!single) completion_ring_ = MemoryMap::of_descriptor(fd_, mmap_cq_ring, cq_bytes);
  entries_ = MemoryMap::of_descriptor(fd_, mmap_sqes, params.sq_entries * sizeof(Sqe));
  if (!rings_ || !entries_ || (!single && !completion_ring_)) return false;

  const auto sq_word = [&](uint32_t offset) { return reinterpret_cast<uint32_t*>(rings_.data() + offset); };
  char* const cq_start = single ? rings_.data() : completion_ring_.data();
  const auto cq_word = [&](uint32_t offset) { return reinterpret_cast<uint32_t*>(cq_start + offset); };
  sqes_ = reinterpret_cast<Sqe*>(entries_.data());
  sq_mask_ = params.sq_entries - 1;
  sq_kernel_head_ = sq_word(params.sq.head);
  sq_kernel_tail_ = sq_word(params.sq.tail);
  sq_kernel_flags_ = sq_word(params.sq.flags);
  cqes_ = reinterpret_cast<const Cqe*>(cq_start + params.cq.cqes);
  cq_mask_ = params.cq_entries - 1;
  cq_kernel_head_ = cq_word(params.cq.head);
  cq_kernel_tail_ = cq_word(params.cq.tail);
  // The indirection array of older kernels: entry i is always submission i. Without the array its offset is 0, and
  // writing there would hit the ring's own indices.
  if (has_array) {
    uint32_t* const array = sq_word(params.sq.array);
    for (uint32_t i = 0; i <= sq_mask_; ++i) array[i] = i;
  }
  return true;
}

}  // namespace torc::io::uring
