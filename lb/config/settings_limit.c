/* Limits: how much of anything. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config, name)

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "workers", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 1024, FIELD(worker_count),
     .needs_restart = true,
     .help = "threads that serve requests; 0: one for each CPU lb may use",
     .manual = "Threads that serve requests.\n"
               "0: one for each CPU that\n"
               ".Nm\n"
               "may use; quotas of a cgroup count.\n"},
    {.word = "max-head", .kind = &kind_size, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "16k", .min = 1024, .max = 65536,
     FIELD(max_head_bytes),
     .help = "head of a request",
     .manual = "The head of a request; above it 431.\n"},
    {.word = "max-headers", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "100", .min = 1, .max = 128, FIELD(max_header_count),
     .help = "header lines of a request",
     .manual = "Header lines of a request; above it 431.\n"},
    {.word = "max-target", .kind = &kind_size, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "8k", .min = 256, .max = 65536,
     FIELD(max_target_bytes),
     .help = "target (path and query) of a request",
     .manual = "Path and query of a request; above it 414.\n"},
    {.word = "max-body", .kind = &kind_size, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "0", .max = UINT64_C(1) << 50,
     FIELD(max_body_bytes), .takes_off = true,
     .help = "body of a request; 0 or off: no limit",
     .manual = "The body of a request; above it 413.\n"
               "0 or off: no limit.\n"},
    {.word = "max-connections", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 10000000, FIELD(max_connection_count),
     .help = "client connections; 0: as many as open files and memory allow",
     .manual = "Connections of clients.\n"
               "Above it the one that was idle longest gives way, else the new one gets 503.\n"
               "0: as many as open files allow, whose soft limit lb raises to the hard one,\n"
               "and one for each 16k of the memory that the control\n"
               "group allows lb.\n"},
    {.word = "max-flows", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 10000000, FIELD(max_flow_count),
     .help = "clients by UDP; 0: as many as open files and memory allow",
     .manual = "Flows: clients, each an address and a port, whose datagrams are passed on at the\n"
               "same time.\n"
               "Above it the one that was silent longest gives way.\n"
               "0: as many as open files and memory allow.\n"},
    {.word = "max-per-client", .kind = &kind_count,
     .group = CONFIG_GROUP_LIMIT, .value_name = "N", .default_text = "0", .max = 10000000,
     FIELD(max_connections_per_client), .takes_off = true,
     .help = "from one IP address; 0 or off: no limit",
     .manual = "Connections from one IP address.\n"
               "0 or off: no limit.\n"},
    {.word = "max-requests", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 1000000000,
     FIELD(max_request_count), .takes_off = true,
     .help = "on one connection, which then closes; 0 or off: no limit",
     .manual = "Requests on one connection, which then closes.\n"
               "0 or off: no limit.\n"},
    {.word = "max-buffers", .kind = &kind_size, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "0", .max = UINT64_C(1) << 40,
     FIELD(max_buffer_bytes),
     .help = "for bytes that wait; 0: a quarter of lb's memory, 256m at most",
     .manual = "Memory for bytes that wait: heads that are not complete, requests that came\n"
               "too early, bodies that nobody takes, pipes of the\n"
               "kernel.\n"
               "The more of it is used, the less a connection may take at a time; above it\n"
               "those who hold most are cut off\n"
               ".Pq Cm buffers_full .\n"
               "0: a quarter of the memory that the control group allows lb, 256m at most.\n"},
    {.word = "hold-max", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "1000", .max = 1000000, FIELD(max_held_count),
     .help = "requests that wait for a backend (--hold)",
     .manual = "Requests that wait for a backend\n"
               ".Pq Fl Fl hold\n"
               "at the same time; above it they are answered with 503 at once.\n"
               "So they are while half of\n"
               ".Fl Fl max-buffers\n"
               "is in use.\n"},
    {.table = &config_policy_limits, FIELD(policy)},
    {.table = &config_policy_retries, FIELD(policy)},
};
/* clang-format on */

const struct config_table settings_limit = CONFIG_TABLE(struct config, settings);
