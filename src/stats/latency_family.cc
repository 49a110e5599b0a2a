// LATENCY: series of events, and histograms of commands.
#include "stats/latency_family.h"

#include <fmt/format.h>

#include "base/c_text.h"
#include "session/context.h"
#include "session/help.h"
#include "session/registry.h"
#include "session/session.h"
#include "stats/call_recorder.h"
#include "stats/latency_tracking.h"

namespace torc::stats {

namespace {

using session::Command;
using session::CommandRow;
using session::Context;

LatencyMonitor& monitor(Context& context) { return context.module<CallRecorder>().latency(); }

int64_t now_s(const Context& context) { return context.session().clock().wall_us() / 1'000'000; }

void history(Context& context) {
  const LatencySeries* series = monitor(context).find(context[2]);
  if (!series) return context.reply().empty_array();
  const std::vector<LatencySample> samples = series->samples();
  context.reply().array(samples.size());
  for (const LatencySample& sample : samples) {
    context.reply().array(2);
    context.reply().integer(sample.time_s);
    context.reply().integer(static_cast<int64_t>(sample.latency_ms));
  }
}

void latest(Context& context) {
  const LatencyMonitor::Events& events = monitor(context).events();
  context.reply().array(events.size());
  for (const auto& [name, series] : events) {
    context.reply().array(4);
    context.reply().bulk(name);
    context.reply().integer(series.latest().time_s);
    context.reply().integer(static_cast<int64_t>(series.latest().latency_ms));
    context.reply().integer(static_cast<int64_t>(series.max_ms()));
  }
}

void graph(Context& context) {
  const LatencySeries* series = monitor(context).find(context[2]);
  if (!series) {
    context.fail(fmt::format("ERR No samples available for event '{}'", base::c_text(context[2])));
    return;
  }
  context.reply().verbatim("txt", latency_graph(context[2], *series, now_s(context)));
}

void doctor(Context& context) { context.reply().verbatim("txt", latency_report(context.module<CallRecorder>())); }

void reset(Context& context) {
  size_t forgotten = context.size() == 2 ? monitor(context).reset() : 0;
  for (size_t i = 2; i < context.size(); ++i) forgotten += monitor(context).reset(context[i]);
  context.reply().integer(static_cast<int64_t>(forgotten));
}

// Nothing, or the command's name and figures; returns how many.
size_t reply_histogram(Context& context, const Command& command) {
  if (!command.latency) return 0;
  resp::Reply& reply = context.reply();
  reply.bulk(command.full_name);
  reply.map(2);
  reply.bulk("calls");
  reply.integer(static_cast<int64_t>(command.latency->count()));
  reply.bulk("histogram_usec");
  const auto bounds = cumulative_microseconds(*command.latency);
  reply.map(bounds.size());
  for (const auto& [microseconds, calls] : bounds) {
    reply.integer(static_cast<int64_t>(microseconds));
    reply.integer(static_cast<int64_t>(calls));
  }
  return 1;
}

size_t reply_histograms(Context& context, const Command& command) {
  size_t count = reply_histogram(context, command);
  for (const auto& subcommand : command.subcommands) count += reply_histogram(context, *subcommand);
  return count;
}

// "get", or "config|get".
const Command* named_command(const session::Registry& registry, std::string_view name) {
  const size_t bar = name.find('|');
  const Command* command = registry.find(name.substr(0, bar));
  if (!command || bar == std::string_view::npos) return command;
  return command->subcommand(name.substr(bar + 1));
}

void histogram(Context& context) {
  const session::Registry& registry = context.session().registry();
  const auto mark = context.reply().defer();
  size_t count = 0;
  if (context.size() == 2) {
    for (const auto& command : registry.commands()) count += reply_histograms(context, *command);
  }
  for (size_t i = 2; i < context.size(); ++i) {
    if (const Command* command = named_command(registry, context[i])) count += reply_histograms(context, *command);
  }
  context.reply().end_map(mark, count);
}

void help(Context& context) {
  session::reply_help(context, {"DOCTOR",
                                "    Explain the latencies observed so far, and advise.",
                                "GRAPH <event>",
                                "    Draw the latencies of an event.",
                                "HISTOGRAM [<command> ...]",
                                "    Tell how many calls of each command, or of these, took how long at the most.",
                                "HISTORY <event>",
                                "    List the times and latencies of an event.",
                                "LATEST",
                                "    List each event with its latest and its longest latency.",
                                "RESET [<event> ...]",
                                "    Forget the latencies of these events, or of all."});
}

constexpr std::string_view admin = "admin noscript loading stale";
constexpr std::string_view special = "nondeterministic_output;request_policy:all_nodes;response_policy:special";

constexpr auto row = [](auto... columns) { return session::brief_row("server", columns...); };

constexpr CommandRow rows[] = {
    row("latency", nullptr, -2, "", "2.8.13", "Depends on subcommand.", "What took long, and when."),
    row("latency|doctor", doctor, 2, admin, "2.8.13", "O(1)", "Explains the latencies observed so far.", "", special),
    row("latency|graph", graph, 3, admin, "2.8.13", "O(1)", "Draws the latencies of an event.", "event", special),
    row("latency|histogram", histogram, -2, admin, "7.0.0", "O(N) in the number of commands shown",
        "Tells how the durations of commands are distributed.", "[command]...", special),
    row("latency|history", history, 3, admin, "2.8.13", "O(1)", "Lists the latencies of an event.", "event", special),
    row("latency|latest", latest, 2, admin, "2.8.13", "O(1)", "Lists the latest latency of each event.", "", special),
    row("latency|reset", reset, -2, admin, "2.8.13", "O(1)", "Forgets the latencies of some or all events.",
        "[event]...", "request_policy:all_nodes;response_policy:agg_sum"),
    row("latency|help", help, 2, "loading stale", "2.8.13", "O(1)", "Answers a short text about the subcommands."),
};

}  // namespace

std::span<const CommandRow> latency_rows() { return rows; }

}  // namespace torc::stats
