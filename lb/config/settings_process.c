/* What the processes of lb may do, and how one takes over from another. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config, name)

/* In the order of enum config_jail. */
static const char *const jails[] = {"strict", "log", "off", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "jail", .kind = &kind_word, .group = CONFIG_GROUP_PROCESS,
     .value_name = "strict|log|off", .words = jails, .default_text = CONFIG_JAIL_DEFAULT, FIELD(jail),
     .needs_restart = true,
     .help = "what a process may ask of the kernel: what it needs, or all",
     .manual = "What the process that faces the network, and\n"
               ".Xr lb-discovery 8 ,\n"
               "may ask of the kernel.\n"
               "With\n"
               ".Sy strict\n"
               "only what they need: neither starts a program, looks into another process, or opens\n"
               "a socket of another kind than its work takes; and other processes of the same user\n"
               "cannot look into them.\n"
               "With\n"
               ".Sy log\n"
               "the kernel's audit log tells what\n"
               ".Sy strict\n"
               "would have refused, and it is done.\n"
               "With\n"
               ".Sy off\n"
               "they may do all that their user may, for example be looked at with a debugger.\n"},
    {.word = "user", .kind = &kind_name, .group = CONFIG_GROUP_PROCESS,
     .value_name = "NAME", .default_text = "lb", FIELD(user), .needs_restart = true,
     .help = "whom lb-proxy runs as, where lb is started as root",
     .manual = "Where\n"
               ".Nm\n"
               "is started as root: the user that\n"
               ".Nm lb-proxy\n"
               "becomes, with that user's group and no other, once it has read its settings and\n"
               "before it reads anything from the network.\n"
               "Files that are opened later, such as\n"
               ".Fl Fl access-log\n"
               "at SIGUSR1 and\n"
               ".Fl Fl state ,\n"
               "must be that user's.\n"
               "Where there is no such user, that is warned about, and it goes on as root.\n"
               ".Ql root\n"
               "says that this is meant.\n"},
    {.word = "discovery-user", .kind = &kind_name, .group = CONFIG_GROUP_PROCESS,
     .value_name = "NAME", .default_text = "lb-discovery", FIELD(discovery_user),
     .needs_restart = true,
     .help = "the same for lb-discovery",
     .manual = "The same for\n"
               ".Xr lb-discovery 8 ,\n"
               "which has the group of the engine's socket as well.\n"},
    {.word = "upgrade-timeout", .kind = &kind_duration, .group = CONFIG_GROUP_PROCESS,
     .value_name = "TIME", .min = 1, .max = CONFIG_DURATION_MAX_MS, .default_text = "1m",
     FIELD(upgrade_timeout_ms), .needs_restart = true,
     .help = "until a new process is ready; else it goes again",
     .manual = "How long a process that is to take over, at\n"
               ".Cm lb ctl upgrade\n"
               "or at SIGHUP, may take until it has a pool.\n"
               "Then it is ended, the one before serves on, and the log says why.\n"},
    {.word = "handover-grace", .kind = &kind_duration, .group = CONFIG_GROUP_PROCESS,
     .value_name = "TIME", .max = CONFIG_DURATION_MAX_MS, .default_text = "10m",
     FIELD(handover_grace_ms), .needs_restart = true,
     .help = "for requests that still run when another has taken over",
     .manual = "How long requests and connections that still run may take in a process from which\n"
               "another one has taken over; then they are cut off.\n"
               "It does not keep the new one from serving.\n"
               "0: as long as they take.\n"},
    {.word = "handover", .kind = &kind_socket, .group = CONFIG_GROUP_PROCESS,
     .value_name = "PATH", FIELD(handover_path), .needs_restart = true,
     .help = "a socket by which another lb takes over, or gives way to this one",
     .manual = "The path of a Unix socket, in a folder that two\n"
               ".Nm\n"
               "have in common, such as a volume of two containers.\n"
               "Where one runs that has the same path, the new one takes its listening sockets,\n"
               "its pool and its orders, and serves as soon as it is ready; the old one finishes\n"
               "what runs\n"
               ".Pq Fl Fl handover-grace\n"
               "and ends with status 0.\n"
               "No connection is refused.\n"
               "Both must be of the same user, or the new one of root.\n"},
};
/* clang-format on */

const struct config_table settings_process = CONFIG_TABLE(struct config, settings);
