// A second SIGINT while the first was not taken yet ends the process at once, as Redis does: whoever presses Ctrl-C
// twice means it.
#include "base/signals.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace torc::base {

namespace {

std::atomic<int> pending_signal{0};

void on_termination(int signal) {
  int none = 0;
  if (!pending_signal.compare_exchange_strong(none, signal) && signal == SIGINT) _exit(1);
}

}  // namespace

void watch_termination_signals() noexcept {
  struct sigaction action = {};
  action.sa_handler = on_termination;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
}

int take_termination_signal() noexcept { return pending_signal.exchange(0); }

}  // namespace torc::base
