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

constexpr auto row = [](auto... columns) { return session::brief_row("server", columns...); };

constexpr session::CommandRow rows[] = {
    row("module", nullptr, -2, "", "4.0.0", "Depends on subcommand.", "Modules: there are none."),
    row("module|list", list, 2, "admin noscript", "4.0.0", "O(N) in the number of modules",
        "Tells which modules are loaded.", "", "nondeterministic_output_order"),
    row("module|load", load, -3, changing, "4.0.0", "O(1)", "Loads a module: refused.", "path [arg...]"),
    row("module|loadex", load, -3, changing, "7.0.0", "O(1)", "Loads a module with its configuration: refused.",
        "path configs=[CONFIG name value]+... [ARGS args...]"),
    row("module|unload", unload, 3, changing, "4.0.0", "O(1)", "Takes a module out: refused.", "name"),
    row("module|help", help, 2, "loading stale", "5.0.0", "O(1)", "A short text about the subcommands."),
};

}  // namespace

std::span<const session::CommandRow> module_rows() { return rows; }

}  // namespace torc::server
