// Making a ring where that is not allowed: the error must say whose fault it is.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cstddef>

#include "ring_fixture.h"

namespace torc::io {
namespace {

using uring::explain_refusal;

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

// From here on io_uring_setup fails with the error, as under the filter of a container.
bool forbid_io_uring(uint32_t error) {
  std::array filter = {
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// Runs in a child, because a filter cannot be taken off; true when the child says so.
template <class Story>
bool in_child(Story story) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(story() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(UringSetupTest, NamesTheSeccompFilter) {
  EXPECT_TRUE(in_child([] {
    if (!forbid_io_uring(EPERM)) return false;
    const auto ring = make_uring_ring({});
    return !ring && contains(ring.error(), "seccomp");
  }));
  EXPECT_TRUE(in_child([] {
    if (!forbid_io_uring(ENOSYS)) return false;
    const auto ring = make_uring_ring({});
    return !ring && contains(ring.error(), "5.19") && contains(ring.error(), "seccomp");
  }));
}

TEST(UringSetupTest, NamesTheSysctl) {
  EXPECT_TRUE(contains(explain_refusal(-EPERM, "2\n"), "kernel.io_uring_disabled=2"));
  EXPECT_TRUE(contains(explain_refusal(-EPERM, "1\n"), "kernel.io_uring_group"));
  EXPECT_FALSE(contains(explain_refusal(-EPERM, "0\n"), "io_uring_disabled="));
}

TEST(UringSetupTest, SaysWhatToRaise) {
  EXPECT_TRUE(contains(explain_refusal(-ENOMEM, "0"), "ulimit -l"));
  EXPECT_TRUE(contains(explain_refusal(-EMFILE, "0"), "ulimit -n"));
  EXPECT_TRUE(contains(explain_refusal(-EFAULT, "0"), "Bad address"));
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none = {3, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto ring = make_uring_ring({});
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_FALSE(ring.has_value());
  EXPECT_TRUE(contains(ring.error(), "ulimit -n")) << ring.error();
}

TEST(UringSetupTest, ManyRingsFitIntoLittleLockedMemory) {
  // Eight servers in one process.
  std::vector<std::unique_ptr<Ring>> rings;
  for (int i = 0; i < 8; ++i) rings.push_back(make_ring({}));
  ASSERT_NE(rings[3], nullptr);
  Recorder operation;
  rings[3]->timeout(operation, 0);
  EXPECT_TRUE(turn_until(*rings[3], [&] { return operation.done(); }));
}

}  // namespace
}  // namespace torc::io
