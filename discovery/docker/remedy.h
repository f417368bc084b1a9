/* What an operator can do about an engine that cannot be followed: a sentence for each cause. */
#ifndef DISCOVERY_DOCKER_REMEDY_H
#define DISCOVERY_DOCKER_REMEDY_H

#include <stdbool.h>

#include "discovery/net/server_url.h"
#include "discovery/net/fetch.h"
#include "lb/base/text.h"

#define REMEDY_DOCKER_SOCKET "/var/run/docker.sock"

/* What this process finds where the engine's socket should be, and who it is itself. */
struct remedy_facts {
    bool in_container;
    bool is_there;       /* something is at the path */
    bool is_hidden;      /* a folder on the way to it may not be searched */
    bool is_socket;      /* and not a folder, or a file */
    bool is_folder;
    bool has_group;      /* this process is in the group it belongs to */
    unsigned mode;       /* its permission bits */
    unsigned owner;      /* its user */
    unsigned group;      /* its group */
    char group_name[64]; /* or its number */
    unsigned self;       /* the user of this process */
    char self_name[64];  /* or its number */
};

/* Looks at the file system. */
void remedy_look(const struct server_url *server, struct remedy_facts *facts);

/* Appends what would change this failure of a request to that engine; nothing when nothing is
 * known to. Pure. */
void remedy_append(const struct server_url *server, const struct fetch_failure *failure,
                   const struct remedy_facts *facts, struct text *out);

#endif
