// The rows of the set commands; their handlers stand in set_*.cc.
#include "cmd/set.h"

#include <vector>

#include "cmd/set_parts.h"
#include "session/context.h"
#include "session/session.h"

namespace torc::cmd {

std::span<const session::CommandRow> set_rows() {
  static const std::vector<session::CommandRow> rows = [] {
    std::vector<session::CommandRow> all;
    for (auto part : {set_change_rows(), set_read_rows(), set_random_rows(), set_algebra_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

}  // namespace torc::cmd
