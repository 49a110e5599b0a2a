// A deadline that has passed already deletes the field at once, and replicas are told so in plain words.
#include "cmd/hash_deadline.h"

#include <fmt/format.h>

#include "cmd/value_rules.h"
#include "session/registry.h"

namespace torc::cmd {

namespace {

using session::Context;

// A field without a deadline counts as one that lives for ever.
bool holds(DeadlineCondition condition, const std::optional<int64_t>& before_ms, int64_t deadline_ms) {
  switch (condition) {
    case DeadlineCondition::always:
      return true;
    case DeadlineCondition::none_before:
      return !before_ms;
    case DeadlineCondition::one_before:
      return before_ms.has_value();
    case DeadlineCondition::greater:
      return before_ms && deadline_ms > *before_ms;
    case DeadlineCondition::less:
      return !before_ms || deadline_ms < *before_ms;
  }
  __builtin_unreachable();
}

}  // namespace

std::optional<int64_t> field_deadline_argument(Context& context, size_t i, TimeBase base, TimeUnit unit) {
  const auto value = context.integer(i);
  if (!value) return std::nullopt;
  if (*value < 0) {
    context.fail("ERR invalid expire time, must be >= 0");
    return std::nullopt;
  }
  const int64_t scale = unit == TimeUnit::seconds ? 1000 : 1;
  const int64_t start = base == TimeBase::now ? context.now_ms() : 0;
  if (*value > field_deadline_max_ms / scale || *value * scale > field_deadline_max_ms - start) {
    context.fail(fmt::format("ERR invalid expire time in '{}' command", context.command().full_name));
    return std::nullopt;
  }
  return *value * scale + start;
}

std::span<const std::string_view> field_arguments(Context& context, size_t i, std::string_view not_positive) {
  if (i + 1 >= context.size()) {
    context.fail(fmt::format("ERR wrong number of arguments for '{}' command", context.command().full_name));
    return {};
  }
  if (!session::equals_lower(context[i], "fields")) {
    context.fail("ERR Mandatory argument FIELDS is missing or not at the right position");
    return {};
  }
  const auto count = context.integer(i + 1, not_positive);
  if (!count) return {};
  if (*count < 1) {
    context.fail(not_positive);
    return {};
  }
  const auto fields = context.arguments().subspan(i + 2);
  if (static_cast<uint64_t>(*count) != fields.size()) {
    context.fail("ERR The `numfields` parameter must match the number of arguments");
    return {};
  }
  return fields;
}

DeadlineEditor::DeadlineEditor(Context& context, const store::KeyRef& key, store::Entry* entry, int64_t deadline_ms)
    : context_(context),
      key_(key),
      hash_(value_rules(context), &context.database(), key, entry),
      deadline_ms_(deadline_ms) {}

DeadlineResult DeadlineEditor::apply(std::string_view field, DeadlineCondition condition) {
  const store::HashView view(*hash_.home().entry(), context_.now_ms());
  if (!view.find(field)) return DeadlineResult::no_field;
  const auto before_ms = view.object() ? view.object()->deadline_ms(field) : std::nullopt;
  if (!holds(condition, before_ms, deadline_ms_)) return DeadlineResult::refused;
  if (deadline_ms_ <= context_.now_ms()) {
    hash_.remove(field);
    deleted_.push_back(field);
    ++context_.session().statistics().expired_fields;
    return DeadlineResult::deleted;
  }
  hash_.with_deadlines().set_deadline(field, deadline_ms_);
  set_.push_back(field);
  return DeadlineResult::set;
}

void DeadlineEditor::tell() {
  if (!deleted_.empty()) {
    std::vector<std::string_view> command = {"HDEL", key_.bytes};
    command.insert(command.end(), deleted_.begin(), deleted_.end());
    context_.propagate_as(command);
  }
  if (deleted_.empty() && set_.empty()) return;
  context_.touched(key_.bytes);
  context_.notify(session::event_hash, deleted_.empty() ? "hexpire" : "hdel", key_.bytes);
}

void DeadlineEditor::finish() {
  store::Entry* entry = hash_.home().entry();
  if (hash_.size() != 0) return context_.database().index_fields(key_, entry);
  context_.database().erase(key_, entry);
  context_.notify(session::event_generic, "del", key_.bytes);
  context_.touched(key_.bytes);
}

}  // namespace torc::cmd
