// Rejections: connections above maxclients get one line and are closed. They take no slot, and of a flood only some get
// the line: the others are closed at once.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "net/context.h"

namespace torc::net {

class Rejections {
 public:
  explicit Rejections(Context* context) noexcept;
  ~Rejections();
  void reject(int fd);
  // Closes those whose line is out.
  void collect();
  void close_all();
  [[nodiscard]] bool empty() const noexcept { return farewells_.empty(); }

 private:
  static constexpr size_t farewells_max = 64;
  class Farewell;
  Context* context_;
  std::vector<std::unique_ptr<Farewell>> farewells_;
};

}  // namespace torc::net
