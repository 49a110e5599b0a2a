// The rows stand here complete, so that COMMAND, ACL categories and clients that ask for documentation find what they
// find in redis-server.
#include "server/cluster_family.h"

#include "session/context.h"

namespace torc::server {

namespace {

using session::CommandRow;

void refuse(session::Context& context) { context.fail("ERR This instance has cluster support disabled"); }

constexpr auto row = [](std::string_view name, auto... columns) {
  return session::brief_row("cluster", name, refuse, columns...);
};

constexpr CommandRow of_connection(std::string_view name, std::string_view flags, std::string_view summary) {
  CommandRow made = row(name, 1, flags, "3.0.0", "O(1)", summary);
  made.acl = "connection";
  return made;
}

constexpr CommandRow rows[] = {
    {.name = "cluster",
     .arity = -2,
     .group = "cluster",
     .since = "3.0.0",
     .complexity = "Depends on subcommand.",
     .summary = "The cluster: its nodes and their slots."},
    row("cluster|addslots", -3, "no_async_loading admin stale", "3.0.0", "O(N) in the number of slots",
        "Gives slots to this node.", "slot:integer..."),
    row("cluster|addslotsrange", -4, "no_async_loading admin stale", "7.0.0", "O(N) in the number of slots",
        "Gives ranges of slots to this node.", "range=(start-slot:integer end-slot:integer)..."),
    row("cluster|bumpepoch", 2, "no_async_loading admin stale", "3.0.0", "O(1)",
        "Makes this node's configuration the newest.", "", "nondeterministic_output"),
    row("cluster|count-failure-reports", 3, "admin stale", "3.0.0", "O(N) in the number of reports",
        "Counts the nodes that hold another one for failed.", "node-id", "nondeterministic_output"),
    row("cluster|countkeysinslot", 3, "stale", "3.0.0", "O(1)", "Counts the keys of a slot.", "slot:integer"),
    row("cluster|delslots", -3, "no_async_loading admin stale", "3.0.0", "O(N) in the number of slots",
        "Makes this node forget whose the slots are.", "slot:integer..."),
    row("cluster|delslotsrange", -4, "no_async_loading admin stale", "7.0.0", "O(N) in the number of slots",
        "Makes this node forget whose ranges of slots are.", "range=(start-slot:integer end-slot:integer)..."),
    row("cluster|failover", -2, "no_async_loading admin stale", "3.0.0", "O(1)",
        "Lets this replica take its master's place.", "options=[(FORCE|TAKEOVER)]"),
    row("cluster|flushslots", 2, "no_async_loading admin stale", "3.0.0", "O(1)",
        "Makes this node forget all of its slots."),
    row("cluster|forget", 3, "no_async_loading admin stale", "3.0.0", "O(1)", "Takes a node out of the table of nodes.",
        "node-id"),
    row("cluster|getkeysinslot", 4, "stale", "3.0.0", "O(N) in the number of keys asked for", "Tells keys of a slot.",
        "slot:integer count:integer", "nondeterministic_output"),
    row("cluster|help", 2, "loading stale", "5.0.0", "O(1)", "A short text about the subcommands."),
    row("cluster|info", 2, "stale", "3.0.0", "O(1)", "The cluster's state, as this node sees it.", "",
        "nondeterministic_output"),
    row("cluster|keyslot", 3, "stale", "3.0.0", "O(N) in the bytes of the key", "Computes a key's slot.", "key:string"),
    row("cluster|links", 2, "stale", "7.0.0", "O(N) in the number of nodes",
        "Tells about the connections to the other nodes.", "", "nondeterministic_output"),
    row("cluster|meet", -4, "no_async_loading admin stale", "3.0.0", "O(1)",
        "Makes this node and another one acquainted.", "ip port:integer [cluster-bus-port:integer]@4.0.0", "",
        "4.0.0=The other node's bus port may be given."),
    row("cluster|myid", 2, "stale", "3.0.0", "O(1)", "The id of this node."),
    row("cluster|myshardid", 2, "stale", "7.2.0", "O(1)", "The id of this node's shard.", "",
        "nondeterministic_output"),
    row("cluster|nodes", 2, "stale", "3.0.0", "O(N) in the number of nodes", "The table of nodes as this one sees it.",
        "", "nondeterministic_output"),
    row("cluster|replicas", 3, "admin stale", "5.0.0", "O(N) in the number of replicas", "Tells a master's replicas.",
        "node-id", "nondeterministic_output"),
    row("cluster|replicate", 3, "no_async_loading admin stale", "3.0.0", "O(1)",
        "Makes this node the replica of another one.", "node-id"),
    row("cluster|reset", -2, "admin stale noscript", "3.0.0",
        "O(N) in the number of nodes; a FLUSHALL may come with it", "Makes this node forget the cluster.",
        "reset-type=[(HARD|SOFT)]"),
    row("cluster|saveconfig", 2, "no_async_loading admin stale", "3.0.0", "O(1)",
        "Writes the node's configuration to disk."),
    row("cluster|set-config-epoch", 3, "no_async_loading admin stale", "3.0.0", "O(1)", "Sets the epoch of a new node.",
        "config-epoch:integer"),
    row("cluster|setslot", -4, "no_async_loading admin stale", "3.0.0", "O(1)",
        "Binds a slot to a node, or begins or ends its move.",
        "slot:integer subcommand=(IMPORTING importing:string/node-id|MIGRATING migrating:string/node-id|"
        "NODE node:string/node-id|STABLE)"),
    row("cluster|shards", 2, "loading stale", "7.0.0", "O(N) in the number of nodes",
        "Tells the shards with their slots and nodes.", "", "nondeterministic_output"),
    row("cluster|slaves", 3, "admin stale", "3.0.0", "O(N) in the number of replicas", "Tells a master's replicas.",
        "node-id", "nondeterministic_output", "", "5.0.0=`CLUSTER REPLICAS`"),
    row("cluster|slots", 2, "loading stale", "3.0.0", "O(N) in the number of nodes",
        "Tells which nodes serve which slots.", "", "nondeterministic_output",
        "4.0.0=The ids of nodes.;7.0.0=Further addresses of nodes.", "7.0.0=`CLUSTER SHARDS`"),
    of_connection("readonly", "loading stale fast", "Lets this connection read from a replica in a cluster."),
    of_connection("readwrite", "loading stale fast", "Ends READONLY."),
    of_connection("asking", "fast", "Lets the next command reach a slot that is on its way to this node."),
};

}  // namespace

std::span<const CommandRow> cluster_rows() { return rows; }

}  // namespace torc::server
