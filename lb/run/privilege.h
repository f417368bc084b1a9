/* Who lb-proxy and lb-discovery run as, where lb was started as root and the users of the settings exist. Thread: control,
 * before there are others. */
#ifndef LB_RUN_PRIVILEGE_H
#define LB_RUN_PRIVILEGE_H

#include <sys/types.h>

#include "lb/base/text.h"
#include "lb/config/config.h"
#include "lb/contract/channel.h"

/* Zeroed memory: lb-proxy stays who it is. */
struct privilege {
    bool is_to_drop;
    bool reads_all; /* it keeps CAP_DAC_READ_SEARCH, whoever it becomes */
    uid_t uid;
    gid_t gid;
};

/* Where lb is root and may become others: looks both users up, and for lb-discovery the group of the engine's socket; fills what the master needs of it. Where
 * somebody is missing, that is appended to `notes` with what to do, a line each, and it goes on as root. Where it may read all
 * files, and there are keys in its jail (confine_reads_keys), it is to go on doing so. */
void privilege_find(struct privilege *privilege, const struct config *config,
                    struct channel_place *place, struct text *notes);

/* Becomes that user, with its group alone, for ever; who is not root then has no CAP_DAC_READ_SEARCH any more, but where
 * `reads_all` says so. Fails: -errno, and this process must end. */
int privilege_drop(const struct privilege *privilege);

/* Appends what this user cannot write later on, a line each: the files of --state and --access-log. */
void privilege_check_files(const struct privilege *privilege, const struct config *config,
                           struct text *notes);

#endif
