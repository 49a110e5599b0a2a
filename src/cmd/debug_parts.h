// DEBUG's larger subcommands, one file each; debug.cc chooses among them.
#pragma once

namespace torc::session {
class Context;
}

namespace torc::cmd {

void debug_assert(session::Context& context);
void debug_digest(session::Context& context);
void debug_digest_value(session::Context& context);
void debug_object(session::Context& context);
void debug_panic(session::Context& context);
void debug_populate(session::Context& context);
void debug_protocol(session::Context& context);
void debug_segfault(session::Context& context);

// debug_structure.cc
void debug_listpack(session::Context& context);
void debug_match(session::Context& context);
void debug_match_test(session::Context& context);
void debug_quicklist(session::Context& context);
void debug_string_sizes(session::Context& context);
void debug_structure_sizes(session::Context& context);
void debug_table_of_key(session::Context& context);

// debug_switches.cc
void debug_change_replication_id(session::Context& context);
void debug_client_eviction(session::Context& context);
void debug_cluster_link(session::Context& context);
void debug_disable_deny_scripts(session::Context& context);
void debug_leak(session::Context& context);
void debug_load_aof(session::Context& context);
void debug_packed_threshold(session::Context& context);
void debug_pause_cron(session::Context& context);
void debug_reload(session::Context& context);
void debug_replicate(session::Context& context);
void debug_reply_buffer(session::Context& context);
void debug_skip_checksums(session::Context& context);

}  // namespace torc::cmd
