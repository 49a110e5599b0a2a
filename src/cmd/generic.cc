// The rows of the generic commands; their handlers stand in generic_*.cc, by what they do to a key.
#include "cmd/generic.h"

#include <vector>

#include "cmd/generic_parts.h"

namespace torc::cmd {

std::span<const session::CommandRow> generic_rows() {
  static const std::vector<session::CommandRow> rows = [] {
    std::vector<session::CommandRow> all;
    for (auto part : {generic_keys_rows(), generic_expire_rows(), generic_move_rows(), generic_scan_rows(),
                      generic_object_rows()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rows;
}

}  // namespace torc::cmd
