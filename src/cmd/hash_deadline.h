// Deadlines of fields, as HEXPIRE, HGETEX and HSETEX set them: arguments, conditions, and what is told to the world.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "session/context.h"
#include "store/hash_value.h"

namespace torc::cmd {

enum class TimeUnit : uint8_t { seconds, milliseconds };
enum class TimeBase : uint8_t { now, epoch };

// The latest deadline that a field can have, as in Redis.
inline constexpr int64_t field_deadline_max_ms = (int64_t{1} << 46) - 1;

// Argument i as a field's deadline, milliseconds since 1970. nullopt: the error was replied.
[[nodiscard]] std::optional<int64_t> field_deadline_argument(session::Context& context, size_t i, TimeBase base,
                                                             TimeUnit unit);
// The fields behind `FIELDS numfields`, FIELDS being argument i, to the end. Empty: the error was replied.
[[nodiscard]] std::span<const std::string_view> field_arguments(
    session::Context& context, size_t i,
    std::string_view not_positive = "ERR Number of fields must be a positive integer");

enum class DeadlineCondition : uint8_t { always, none_before, one_before, greater, less };
// What HEXPIRE replies for a field.
enum class DeadlineResult : int8_t { no_field = -2, refused = 0, set = 1, deleted = 2 };

// Gives fields of one hash a deadline, or removes them if it has passed.
class DeadlineEditor {
 public:
  // entry: the hash, without overdue ones of the fields.
  DeadlineEditor(session::Context& context, const store::KeyRef& key, store::Entry* entry, int64_t deadline_ms);
  DeadlineResult apply(std::string_view field, DeadlineCondition condition = DeadlineCondition::always);
  [[nodiscard]] store::HashEditor& hash() noexcept { return hash_; }
  [[nodiscard]] const std::vector<std::string_view>& fields_set() const noexcept { return set_; }
  [[nodiscard]] const std::vector<std::string_view>& fields_deleted() const noexcept { return deleted_; }

  // At the end: propagates an HDEL for what was deleted (and nothing else by itself, if something was), notifies
  // "hdel" or "hexpire".
  void tell();
  // Then: removes the key if nothing is left, else sees to it that its fields are found when they are overdue.
  void finish();

 private:
  session::Context& context_;
  const store::KeyRef& key_;
  store::HashEditor hash_;
  int64_t deadline_ms_;
  std::vector<std::string_view> set_, deleted_;
};

}  // namespace torc::cmd
