// COMMAND INFO and COMMAND DOCS as replies: maps and arrays out of the facts of a row.
#include "session/command_replies.h"

#include <fmt/format.h>

#include <utility>

#include "session/argument_tree.h"
#include "session/command_facts.h"

namespace torc::session {

namespace {

using resp::Reply;

void reply_flags(Reply& reply, std::span<const FlagName> names, uint32_t flags) {
  const resp::Output::Mark mark = reply.defer();
  size_t count = 0;
  for (const FlagName& flag : names) {
    if (!flag.listed || !(flags & flag.flag)) continue;
    reply.status(flag.name);
    ++count;
  }
  reply.end_set(mark, count);
}

// "type" and "spec" with its numbers, which is how both halves of a key specification are told.
void reply_search(Reply& reply, std::string_view type, std::initializer_list<std::pair<std::string_view, int>> numbers,
                  std::string_view keyword = {}) {
  reply.map(2);
  reply.bulk("type");
  reply.bulk(type);
  reply.bulk("spec");
  reply.map(numbers.size() + (keyword.empty() ? 0 : 1));
  if (!keyword.empty()) {
    reply.bulk("keyword");
    reply.bulk(keyword);
  }
  for (const auto& [name, number] : numbers) {
    reply.bulk(name);
    reply.integer(number);
  }
}

void reply_begin(Reply& reply, const KeySpec& spec) {
  switch (spec.begin) {
    case KeySpec::Begin::index:
      return reply_search(reply, "index", {{"index", spec.begin_index}});
    case KeySpec::Begin::keyword:
      return reply_search(reply, "keyword", {{"startfrom", spec.begin_index}}, spec.keyword);
    case KeySpec::Begin::unknown:
      return reply_search(reply, "unknown", {});
  }
}

void reply_find(Reply& reply, const KeySpec& spec) {
  switch (spec.find) {
    case KeySpec::Find::range:
      return reply_search(reply, "range", {{"lastkey", spec.a}, {"keystep", spec.b}, {"limit", spec.c}});
    case KeySpec::Find::keynum:
      return reply_search(reply, "keynum", {{"keynumidx", spec.a}, {"firstkey", spec.b}, {"keystep", spec.c}});
    case KeySpec::Find::unknown:
      return reply_search(reply, "unknown", {});
  }
}

void reply_key_specs(Reply& reply, const std::vector<KeySpec>& specs) {
  reply.set(specs.size());
  for (const KeySpec& spec : specs) {
    reply.map(spec.notes.empty() ? 3 : 4);
    if (!spec.notes.empty()) {
      reply.bulk("notes");
      reply.bulk(spec.notes);
    }
    reply.bulk("flags");
    reply_key_flags(reply, spec.flags);
    reply.bulk("begin_search");
    reply_begin(reply, spec);
    reply.bulk("find_keys");
    reply_find(reply, spec);
  }
}

// --- DOCS ---

void reply_argument_flags(Reply& reply, const Argument& argument) {
  reply.bulk("flags");
  reply.set(static_cast<size_t>(argument.optional + argument.multiple + argument.multiple_token));
  if (argument.optional) reply.status("optional");
  if (argument.multiple) reply.status("multiple");
  if (argument.multiple_token) reply.status("multiple_token");
}

void reply_arguments(Reply& reply, const std::vector<Argument>& arguments);

void reply_argument(Reply& reply, const Argument& argument) {
  const bool has_flags = argument.optional || argument.multiple || argument.multiple_token;
  // name, type, and one of display_text and arguments are always there
  reply.map(static_cast<size_t>(3 + (argument.key_spec >= 0) + !argument.token.empty() + !argument.since.empty() +
                                !argument.deprecated_since.empty() + has_flags));
  auto text = [&reply](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    reply.bulk(key);
    reply.bulk(value);
  };
  text("name", argument.name);
  text("type", argument.type);
  if (!argument.has_parts()) text("display_text", argument.display);
  if (argument.key_spec >= 0) {
    reply.bulk("key_spec_index");
    reply.integer(argument.key_spec);
  }
  text("token", argument.token);
  text("since", argument.since);
  text("deprecated_since", argument.deprecated_since);
  if (has_flags) reply_argument_flags(reply, argument);
  if (argument.has_parts()) {
    reply.bulk("arguments");
    reply_arguments(reply, argument.arguments);
  }
}

void reply_arguments(Reply& reply, const std::vector<Argument>& arguments) {
  reply.array(arguments.size());
  for (const Argument& argument : arguments) reply_argument(reply, argument);
}

// "since=text" of a row's history or deprecation.
std::pair<std::string_view, std::string_view> dated(std::string_view text) {
  const size_t equals = text.find('=');
  return {text.substr(0, equals), equals == text.npos ? std::string_view() : text.substr(equals + 1)};
}

void reply_history(Reply& reply, const std::vector<std::string_view>& history) {
  reply.set(history.size());
  for (std::string_view change : history) {
    const auto [since, what] = dated(change);
    reply.array(2);
    reply.bulk(since);
    reply.bulk(what);
  }
}

// The documentation's pairs, counted as they are written.
class DocsWriter {
 public:
  explicit DocsWriter(Reply& reply) : reply_(reply), mark_(reply.defer()) {}
  void finish() { reply_.end_map(mark_, pairs_); }

  void name(std::string_view name) {
    reply_.bulk(name);
    ++pairs_;
  }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    this->name(name);
    reply_.bulk(value);
  }

 private:
  Reply& reply_;
  resp::Output::Mark mark_;
  size_t pairs_ = 0;
};

void write_doc_flags(Reply& reply, DocsWriter& docs, const Command& command) {
  const bool deprecated = !command.row->deprecated.empty(), internal = command.has(flag_syscmd);
  if (!deprecated && !internal) return;
  docs.name("doc_flags");
  reply.set(static_cast<size_t>(deprecated + internal));
  if (deprecated) reply.status("deprecated");
  if (internal) reply.status("syscmd");
}

}  // namespace

void reply_key_flags(Reply& reply, uint32_t flags) { reply_flags(reply, key_flag_names(), flags); }

void reply_command_info(Reply& reply, const Command* command) {
  if (!command) return reply.null();
  reply.array(10);
  reply.bulk(command->full_name);
  reply.integer(command->arity);
  reply_flags(reply, command_flag_names(), command->flags);
  reply.integer(command->first_key);
  reply.integer(command->last_key);
  reply.integer(command->key_step);
  reply.set(command->acl_categories.size());
  for (const std::string& category : command->acl_categories) reply.status(fmt::format("@{}", category));
  const std::vector<std::string_view> tips = split(command->row->tips, ';');
  reply.set(tips.size());
  for (std::string_view tip : tips) reply.bulk(tip);
  reply_key_specs(reply, command->key_specs);
  // Redis sends an empty set but, when there are some, an array.
  if (command->subcommands.empty()) return reply.set(0);
  reply.array(command->subcommands.size());
  for (const auto& subcommand : command->subcommands) reply_command_info(reply, subcommand.get());
}

void reply_command_docs(Reply& reply, const Command& command) {
  const CommandRow& row = *command.row;
  reply.bulk(command.full_name);
  DocsWriter docs(reply);
  docs.text("summary", row.summary);
  docs.text("since", row.since);
  docs.text("group", row.group);
  docs.text("complexity", row.complexity);
  write_doc_flags(reply, docs, command);
  const auto [deprecated_since, replaced_by] = dated(row.deprecated);
  docs.text("deprecated_since", deprecated_since);
  docs.text("replaced_by", replaced_by);
  if (!row.history.empty()) {
    docs.name("history");
    reply_history(reply, split(row.history, ';'));
  }
  if (!row.arguments.empty()) {
    docs.name("arguments");
    reply_arguments(reply, parse_argument_tree(row.arguments, command.key_specs.size()));
  }
  if (!command.subcommands.empty()) {
    docs.name("subcommands");
    reply.map(command.subcommands.size());
    for (const auto& subcommand : command.subcommands) reply_command_docs(reply, *subcommand);
  }
  docs.finish();
}

}  // namespace torc::session
