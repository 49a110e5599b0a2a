// Strands are wound around a circle: seen from above, a strand's distance from the middle goes up and down, and it lies
// on top half of the time. How many strands, how often they are wound and where they begin is left to chance.
#include "server/lolwut_family.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "session/context.h"
#include "session/registry.h"
#include "session/session.h"

namespace torc::server {

namespace {

using session::Context;

constexpr int64_t columns_min = 16, columns_max = 200;
constexpr double full_turn = 2 * std::numbers::pi;

struct Torc {
  int strands, windings;
  double begin;  // where the first strand begins to wind
};

class Canvas {
 public:
  explicit Canvas(int64_t columns)
      : columns_(static_cast<size_t>(columns)), rows_(columns_ / 2), cells_(columns_ * rows_, {' ', -2}) {}

  // x and y within -1 … 1; what lies higher hides what lies lower.
  void plot(double x, double y, double height, char mark) {
    const auto column = static_cast<size_t>(std::lround((x + 1) / 2 * static_cast<double>(columns_ - 1)));
    const auto row = static_cast<size_t>(std::lround((y + 1) / 2 * static_cast<double>(rows_ - 1)));
    Cell& cell = cells_[row * columns_ + column];
    if (height > cell.height) cell = {mark, height};
  }

  [[nodiscard]] std::string text() const {
    std::string text;
    for (size_t row = 0; row < rows_; ++row) {
      std::string line;
      for (size_t column = 0; column < columns_; ++column) line += cells_[row * columns_ + column].mark;
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + '\n';
    }
    return text;
  }

 private:
  struct Cell {
    char mark;
    double height;
  };
  size_t columns_, rows_;
  std::vector<Cell> cells_;
};

char mark_at(double height) { return "..:-=+*#"[static_cast<size_t>(std::clamp((height + 1) * 4, 0.0, 7.0))]; }

void draw_strand(Canvas& canvas, const Torc& torc, int strand) {
  constexpr int steps = 4000;
  constexpr double gap = 0.35, radius = 0.82, thickness = 0.13;
  for (int step = 0; step <= steps; ++step) {
    const double angle = gap + (full_turn - 2 * gap) * step / steps;
    const double wound = torc.begin + torc.windings * angle + full_turn * strand / torc.strands;
    const double distance = radius + thickness * std::sin(wound), height = std::cos(wound);
    // The opening is at the bottom.
    canvas.plot(distance * std::sin(angle), distance * std::cos(angle), height, mark_at(height));
  }
}

void draw_ends(Canvas& canvas) {
  constexpr double gap = 0.3, radius = 0.82, size = 0.13;
  for (int step = 0; step < 400; ++step) {
    const double turn = full_turn * step / 40, distance = size * (step / 40) / 10;
    const double x = radius * std::sin(gap) + distance * std::cos(turn);
    const double y = radius * std::cos(gap) + distance * std::sin(turn);
    canvas.plot(x, y, 2, '@');
    canvas.plot(-x, y, 2, '@');
  }
}

// LOLWUT [VERSION version] [columns]; all versions draw the same.
void lolwut(Context& context) {
  size_t next = 1;
  if (context.size() >= 3 && session::equals_lower(context[1], "version")) {
    if (!context.integer(2)) return;
    next = 3;
  }
  int64_t columns = 56;
  if (next < context.size()) {
    const auto wanted = context.integer(next);
    if (!wanted) return;
    columns = std::clamp(*wanted, columns_min, columns_max);
  }
  base::Random& random = context.session().random();
  const Torc torc{2 + static_cast<int>(random.below(3)), 9 + static_cast<int>(random.below(8)),
                  static_cast<double>(random.below(628)) / 100};
  Canvas canvas(columns);
  for (int strand = 0; strand < torc.strands; ++strand) draw_strand(canvas, torc, strand);
  draw_ends(canvas);
  context.reply().verbatim("txt", fmt::format("{}\nA torc of {} strands, wound {} times. torc ver. {}\n", canvas.text(),
                                              torc.strands, torc.windings, TORC_VERSION));
}

constexpr session::CommandRow rows[] = {
    {.name = "lolwut",
     .handler = lolwut,
     .arity = -1,
     .flags = "readonly fast",
     .group = "server",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Draws a torc.",
     .arguments = "[VERSION version:integer]"},
};

}  // namespace

std::span<const session::CommandRow> lolwut_rows() { return rows; }

}  // namespace torc::server
