// COMMAND: what commands there are. Everything is told from the rows; how the larger replies look stands in
// command_replies.cc.
#include <algorithm>
#include <optional>

#include "ds/glob.h"
#include "session/command_replies.h"
#include "session/context.h"
#include "session/families.h"
#include "session/help.h"
#include "session/session.h"

namespace torc::session {

namespace {

using Commands = std::vector<std::unique_ptr<Command>>;

const Commands& all(const Context& context) { return context.session().registry().commands(); }

// "get", "client|list", in any case; null when there is no such command.
Command* named(const Registry& registry, std::string_view name) {
  const size_t bar = name.find('|');
  Command* command = registry.find(name.substr(0, bar));
  return command && bar != name.npos ? command->subcommand(name.substr(bar + 1)) : command;
}

void command(Context& context) {
  context.reply().array(all(context).size());
  for (const auto& each : all(context)) reply_command_info(context.reply(), each.get());
}

void count(Context& context) { context.reply().integer(static_cast<int64_t>(all(context).size())); }

void info(Context& context) {
  if (context.size() == 2) return command(context);
  context.reply().array(context.size() - 2);
  for (std::string_view name : context.arguments().subspan(2)) {
    reply_command_info(context.reply(), named(context.session().registry(), name));
  }
}

void docs(Context& context) {
  resp::Reply& reply = context.reply();
  if (context.size() == 2) {
    reply.map(all(context).size());
    for (const auto& each : all(context)) reply_command_docs(reply, *each);
    return;
  }
  const resp::Output::Mark mark = reply.defer();
  size_t found = 0;
  for (std::string_view name : context.arguments().subspan(2)) {
    const Command* wanted = named(context.session().registry(), name);
    if (!wanted) continue;
    reply_command_docs(reply, *wanted);
    ++found;
  }
  reply.end_map(mark, found);
}

// --- LIST ---

enum class FilterKind { none, module, category, pattern };

struct Filter {
  FilterKind kind = FilterKind::none;
  std::string_view text;
};

bool passes(const Command& command, const Filter& filter) {
  switch (filter.kind) {
    case FilterKind::none:
      return true;
    case FilterKind::module:
      return false;  // there are no modules
    case FilterKind::category:
      return std::ranges::any_of(command.acl_categories,
                                 [&](std::string_view category) { return equals_lower(filter.text, category); });
    case FilterKind::pattern:
      return ds::glob_match(filter.text, command.full_name, ds::GlobCase::insensitive);
  }
  __builtin_unreachable();
}

std::optional<Filter> parse_filter(Context& context) {
  if (context.size() == 2) return Filter{};
  if (context.size() == 5 && equals_lower(context[2], "filterby")) {
    const std::string_view kind = context[3];
    if (equals_lower(kind, "module")) return Filter{FilterKind::module, context[4]};
    if (equals_lower(kind, "aclcat")) return Filter{FilterKind::category, context[4]};
    if (equals_lower(kind, "pattern")) return Filter{FilterKind::pattern, context[4]};
  }
  context.fail(errors::syntax);
  return std::nullopt;
}

size_t list_passing(resp::Reply& reply, const Commands& commands, const Filter& filter) {
  size_t listed = 0;
  for (const auto& each : commands) {
    if (passes(*each, filter)) {
      reply.bulk(each->full_name);
      ++listed;
    }
    listed += list_passing(reply, each->subcommands, filter);
  }
  return listed;
}

void list(Context& context) {
  const auto filter = parse_filter(context);
  if (!filter) return;
  const resp::Output::Mark mark = context.reply().defer();
  context.reply().end_array(mark, list_passing(context.reply(), all(context), *filter));
}

// --- GETKEYS ---

bool has_keys(const Command& command) {
  return std::ranges::any_of(command.key_specs, [](const KeySpec& spec) { return !(spec.flags & key_not_key); });
}

void reply_keys(Context& context, bool with_flags) {
  const auto arguments = context.arguments().subspan(2);
  const Command* wanted = context.session().registry().resolve(arguments).command;
  std::vector<KeyPosition> keys;
  if (!wanted) {
    context.fail("ERR Invalid command specified");
  } else if (!has_keys(*wanted)) {
    context.fail("ERR The command has no key arguments");
  } else if (!wanted->arity_allows(arguments.size())) {
    context.fail("ERR Invalid number of arguments specified for command");
  } else if (find_keys(*wanted, arguments, &keys) && !keys.empty()) {
    context.reply().array(keys.size());
    for (const KeyPosition& key : keys) {
      if (with_flags) context.reply().array(2);
      context.reply().bulk(arguments[static_cast<size_t>(key.argument)]);
      if (with_flags) reply_key_flags(context.reply(), key.flags);
    }
  } else if (wanted->has(flag_no_mandatory_keys)) {
    context.reply().empty_array();
  } else {
    context.fail("ERR Invalid arguments specified for command");
  }
}

void getkeys(Context& context) { reply_keys(context, false); }

void getkeysandflags(Context& context) { reply_keys(context, true); }

void help(Context& context) {
  reply_help(
      context,
      {"(no subcommand)", "    Tell the facts of all commands.", "COUNT", "    Tell how many commands there are.",
       "LIST [FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <pattern>)]", "    List the names of commands.",
       "INFO [<command-name> ...]", "    Tell the facts of commands; of all if none is named.",
       "DOCS [<command-name> ...]", "    Tell the documentation of commands; of all if none is named.",
       "GETKEYS <full-command>", "    Tell which arguments of a command are keys.", "GETKEYSANDFLAGS <full-command>",
       "    Tell which arguments of a command are keys, and what it does with them."});
}

constexpr std::string_view common_flags = "loading stale sentinel";

constexpr CommandRow rows[] = {
    {.name = "command",
     .handler = command,
     .arity = -1,
     .flags = common_flags,
     .acl = "connection",
     .group = "server",
     .since = "2.8.13",
     .complexity = "O(N) in the number of commands",
     .summary = "Tells the facts of all commands.",
     .tips = "nondeterministic_output_order"},
    {.name = "command|count",
     .handler = count,
     .arity = 2,
     .flags = common_flags,
     .acl = "connection",
     .group = "server",
     .since = "2.8.13",
     .complexity = "O(1)",
     .summary = "Counts the commands."},
    {.name = "command|docs",
     .handler = docs,
     .arity = -2,
     .flags = common_flags,
     .acl = "connection",
     .group = "server",
     .since = "7.0.0",
     .complexity = "O(N) in the number of commands asked for",
     .summary = "Tells the documentation of commands.",
     .arguments = "[command-name...]",
     .tips = "nondeterministic_output_order"},
    {.name = "command|getkeys",
     .handler = getkeys,
     .arity = -3,
     .flags = common_flags,
     .acl = "connection",
     .group = "server",
     .since = "2.8.13",
     .complexity = "O(N) in the number of arguments",
     .summary = "Tells which arguments of a command are keys.",
     .arguments = "command [arg...]"},
    {.name = "command|getkeysandflags",
     .handler = getkeysandflags,
     .arity = -3,
     .flags = common_flags,
     .acl = "connection",
     .group = "server",
     .since = "7.0.0",
     .complexity = "O(N) in the number of arguments",
     .summary = "Tells which arguments of a command are keys, and what it does with them.",
     .arguments = "command [arg...]"},
    {.name = "command|help",
     .handler = help,
     .arity = 2,
     .flags = common_flags,
     .acl = "connection",
     .group = "server",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "Explains the subcommands."},
    {.name = "command|info",
     .handler = info,
     .arity = -2,
     .flags = common_flags,
     .acl = "connection",
     .group = "server",
     .since = "2.8.13",
     .complexity = "O(N) in the number of commands asked for",
     .summary = "Tells the facts of commands.",
     .arguments = "[command-name...]",
     .tips = "nondeterministic_output_order",
     .history = "7.0.0=Without a name, all commands are told."},
    {.name = "command|list",
     .handler = list,
     .arity = -2,
     .flags = common_flags,
     .acl = "connection",
     .group = "server",
     .since = "7.0.0",
     .complexity = "O(N) in the number of commands",
     .summary = "Lists the names of commands.",
     .arguments = "filterby=[FILTERBY (MODULE module-name|ACLCAT category|PATTERN pattern:pattern)]",
     .tips = "nondeterministic_output_order"},
};

}  // namespace

std::span<const CommandRow> command_rows() { return rows; }

}  // namespace torc::session
