// Whether MODULE LOAD and UNLOAD may be tried at all is asked at admission (enable-module-command).
#include "server/module_family.h"

#include <fmt/format.h>

#include "session/context.h"
#include "session/help.h"

namespace torc::server {

namespace {

using session::Context;

void list(Context& context) { context.reply().empty_array(); }

void load(Context& context) {
  const std::string_view path = context[2].substr(0, 256);
  context.module<ModuleControl>().log_warning(fmt::format("Module {} was not loaded: torc has no modules", path));
  context.fail("ERR Error loading the extension. Please check the server logs.");
}

void unload(Context& context) { context.fail("ERR Error unloading module: no such module with that name"); }

void help(Context& context) {
  session::reply_help(context, {"LIST", "    Tell which modules are loaded: none, for torc has none.",
                                "LOAD <path> [<arg> ...]", "    Refused.",
                                "LOADEX <path> [CONFIG <name> <value> ...] [ARGS ...]", "    Refused.",
                                "UNLOAD <name>", "    Refused."});
}

constexpr std::string_view changing = "admin noscript protected no_async_loading";

constexpr session::CommandRow rows[] = {
    {.name = "module",
     .arity = -2,
     .group = "server",
     .since = "4.0.0",
     .complexity = "Depends on subcommand.",
     .summary = "Modules: there are none."},
    {.name = "module|list",
     .handler = list,
     .arity = 2,
     .flags = "admin noscript",
     .group = "server",
     .since = "4.0.0",
     .complexity = "O(N) in the number of modules",
     .summary = "Tells which modules are loaded.",
     .tips = "nondeterministic_output_order"},
    {.name = "module|load",
     .handler = load,
     .arity = -3,
     .flags = changing,
     .group = "server",
     .since = "4.0.0",
     .complexity = "O(1)",
     .summary = "Loads a module: refused.",
     .arguments = "path [arg...]"},
    {.name = "module|loadex",
     .handler = load,
     .arity = -3,
     .flags = changing,
     .group = "server",
     .since = "7.0.0",
     .complexity = "O(1)",
     .summary = "Loads a module with its configuration: refused.",
     .arguments = "path configs=[CONFIG name value]+... [ARGS args...]"},
    {.name = "module|unload",
     .handler = unload,
     .arity = 3,
     .flags = changing,
     .group = "server",
     .since = "4.0.0",
     .complexity = "O(1)",
     .summary = "Takes a module out: refused.",
     .arguments = "name"},
    {.name = "module|help",
     .handler = help,
     .arity = 2,
     .flags = "loading stale",
     .group = "server",
     .since = "5.0.0",
     .complexity = "O(1)",
     .summary = "A short text about the subcommands."},
};

}  // namespace

std::span<const session::CommandRow> module_rows() { return rows; }

}  // namespace torc::server
