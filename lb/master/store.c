#include "lb/master/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/net/datagram.h"
#include "lb/net/listening.h"
#include "lb/net/socket.h"

static bool is_udp(const struct channel_socket *key)
{
    return key->kind == SERVICE_UDP;
}

static bool is_same_kind(const struct channel_socket *one, const struct channel_socket *other)
{
    return is_udp(one) == is_udp(other);
}

static bool is_same_name(const struct channel_socket *one, const struct channel_socket *other)
{
    return strcmp(one->role, other->role) == 0 && one->ordinal == other->ordinal;
}

bool store_is_sound(const struct channel_socket *wanted)
{
    int family = wanted->wanted.socket.any.sa_family;
    return wanted->kind < SERVICE_KIND_COUNT && wanted->role[0] != '\0' &&
           memchr(wanted->role, '\0', sizeof(wanted->role)) && wanted->count > 0 &&
           wanted->count <= CHANNEL_WORKERS_MAX && (family == AF_INET || family == AF_INET6);
}

/* ---- finding ---------------------------------------------------------------------------------- */

/* Of systemd: ListenStream=80 is [::]:80, which takes IPv4 as well, and lb's own word for that is 0.0.0.0:80. */
static bool is_wider(const struct store *store, const struct store_group *group,
                     const struct address *wanted)
{
    int is_only = 1, fd = -1;
    socklen_t size = sizeof(is_only);
    const struct address *bound = &group->key.bound;
    if (!group->is_inherited || bound->socket.any.sa_family != AF_INET6 ||
        wanted->socket.any.sa_family != AF_INET || address_port(bound) != address_port(wanted) ||
        wanted->socket.v4.sin_addr.s_addr != htonl(INADDR_ANY) ||
        !IN6_IS_ADDR_UNSPECIFIED(&bound->socket.v6.sin6_addr))
        return false;
    store_lend(store, (unsigned)(group - store->groups), 0, &fd, 1);
    return getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &is_only, &size) == 0 && !is_only;
}

/* A port is one address, whatever its name; of port 0 there may be several. */
static bool is_asked_for(const struct store *store, const struct store_group *group,
                         const struct channel_socket *wanted)
{
    const struct channel_socket *key = &group->key;
    if (!group->is_used || !is_same_kind(key, wanted))
        return false;
    if (address_port(&wanted->wanted) == 0)
        return address_eq(&key->wanted, &wanted->wanted) && is_same_name(key, wanted);
    return address_eq(&key->wanted, &wanted->wanted) || address_eq(&key->bound, &wanted->wanted) ||
           is_wider(store, group, &wanted->wanted);
}

static struct store_group *find(struct store *store, const struct channel_socket *wanted)
{
    for (unsigned i = 0; i < store->group_count; i++)
        if (is_asked_for(store, &store->groups[i], wanted))
            return &store->groups[i];
    return NULL;
}

static struct store_group *add_group(struct store *store, const struct channel_socket *key)
{
    unsigned i = 0;
    while (i < store->group_count && store->groups[i].is_used)
        i++;
    if (i == STORE_SOCKETS_MAX)
        return NULL;
    if (i == store->group_count)
        store->group_count++;
    store->groups[i] = (struct store_group){.key = *key, .is_used = true};
    store->groups[i].key.count = 0;
    return &store->groups[i];
}

static unsigned number_of(const struct store *store, const struct store_group *group)
{
    return (unsigned)(group - store->groups);
}

/* ---- opening ---------------------------------------------------------------------------------- */

static void add_socket(struct store *store, struct store_group *group, int fd)
{
    store->sockets[store->socket_count++] =
        (struct store_socket){.fd = fd, .group = number_of(store, group)};
    if (group->key.count++ == 0)
        socket_address(fd, &group->key.bound);
}

static int first_of(const struct store *store, const struct store_group *group)
{
    int fd = -1;
    store_lend(store, number_of(store, group), 0, &fd, 1);
    return fd;
}

/* One that was opened by another may not share its address: then workers share the socket. Not one of datagrams: those
 * of a client are to come to one worker. */
static int open_one(const struct store *store, const struct store_group *group)
{
    const struct address *at = &group->key.bound;
    int fd = is_udp(&group->key) ? datagram_listen(at) : socket_listen(at);
    if (fd < 0 && group->is_inherited && !is_udp(&group->key))
        fd = fcntl(first_of(store, group), F_DUPFD_CLOEXEC, 0);
    return fd;
}

static int make_larger(struct store *store, struct store_group *group, unsigned count)
{
    while (group->key.count < count) {
        if (store->socket_count == STORE_SOCKETS_MAX)
            return -EMFILE;
        int fd = open_one(store, group);
        if (fd < 0)
            return group->is_inherited ? 0 : fd;
        add_socket(store, group, fd);
    }
    return 0;
}

/* A group of the process before, which may overlap with what its successor asks for (any address, and one of them). */
static bool is_ours(const struct store *store, const struct channel_socket *wanted, uint64_t number)
{
    uint16_t port = address_port(&wanted->wanted);
    bool is_found = false;
    for (unsigned i = 0; i < store->group_count; i++) {
        const struct store_group *group = &store->groups[i];
        if (!group->is_used || !is_same_kind(&group->key, wanted) ||
            address_port(&group->key.bound) != port)
            continue;
        if (group->asked_by == number)
            return false;
        is_found = true;
    }
    return is_found && port != 0;
}

static int check_free(const struct store *store, const struct channel_socket *wanted,
                      uint64_t number)
{
    if (is_ours(store, wanted, number))
        return 0;
    return is_udp(wanted) ? datagram_check_free(&wanted->wanted)
                          : listening_check_free(&wanted->wanted);
}

static void close_group(struct store *store, struct store_group *group)
{
    unsigned kept = 0, number = number_of(store, group);
    for (unsigned i = 0; i < store->socket_count; i++) {
        if (store->sockets[i].group == number)
            close(store->sockets[i].fd);
        else
            store->sockets[kept++] = store->sockets[i];
    }
    store->socket_count = kept;
    group->is_used = false;
}

static int open_group(struct store *store, const struct channel_socket *wanted, uint64_t number)
{
    int rc = check_free(store, wanted, number);
    if (rc < 0)
        return rc;
    struct store_group *group = add_group(store, wanted);
    if (!group)
        return -EMFILE;
    group->key.bound = wanted->wanted;
    rc = make_larger(store, group, wanted->count);
    if (rc < 0) {
        close_group(store, group);
        return rc;
    }
    return (int)number_of(store, group);
}

static bool is_allowed(const struct channel_socket *wanted, const struct store_asker *asker)
{
    uint16_t port = address_port(&wanted->wanted);
    return !asker->is_sealed || port >= 1024 ||
           (port > 0 && port >= asker->port_low && port <= asker->port_high);
}

/* The same process asks for one address by two names. */
static bool is_twice(const struct store_group *group, const struct channel_socket *wanted,
                     uint64_t number)
{
    return group->asked_by == number && !is_same_name(&group->key, wanted);
}

/* Who had them before may have been at its farewell, or out of its mind: what one process sets all copies have. */
static void restore(struct store *store, struct store_group *group)
{
    for (unsigned i = 0; i < store->socket_count && !is_udp(&group->key); i++) {
        struct store_socket *row = &store->sockets[i];
        if (row->group != number_of(store, group) || socket_restore(row->fd) == 0)
            continue;
        int fd = open_one(store, group);
        if (fd < 0)
            continue;
        close(row->fd);
        row->fd = fd;
    }
}

static void remember(struct store_group *group, uint64_t number)
{
    if (group->asked_by == number)
        return;
    group->before.asked_by = group->asked_by;
    group->before.wanted = group->key.wanted;
    group->before.ordinal = group->key.ordinal;
    group->before.is_static = group->is_static;
    memcpy(group->before.role, group->key.role, sizeof(group->before.role));
}

int store_want(struct store *store, const struct channel_socket *wanted,
               const struct store_asker *asker)
{
    struct store_group *group = find(store, wanted);
    int rc;
    if (!group && !is_allowed(wanted, asker))
        return -EACCES;
    if (group && is_twice(group, wanted, asker->number))
        return -EADDRINUSE;
    if (group) {
        if (group->asked_by != asker->number)
            restore(store, group);
        rc = make_larger(store, group, wanted->count);
        if (rc < 0)
            return rc;
    } else {
        rc = open_group(store, wanted, asker->number);
        if (rc < 0)
            return rc;
        group = &store->groups[rc];
    }
    remember(group, asker->number);
    if (!group->is_inherited)
        group->key.wanted = wanted->wanted;
    memcpy(group->key.role, wanted->role, sizeof(group->key.role));
    group->key.ordinal = wanted->ordinal;
    group->asked_by = asker->number;
    group->is_static = !asker->is_sealed;
    return (int)number_of(store, group);
}

/* ---- lending and closing ---------------------------------------------------------------------- */

unsigned store_lend(const struct store *store, unsigned group, unsigned from, int *fds,
                    unsigned most)
{
    unsigned count = 0;
    for (unsigned i = 0; i < store->socket_count && count < most; i++) {
        if (store->sockets[i].group != group)
            continue;
        if (from > 0)
            from--;
        else
            fds[count++] = store->sockets[i].fd;
    }
    return count;
}

static void let_go(struct store *store, struct store_group *group)
{
    if (group->is_inherited)
        group->key.role[0] = '\0'; /* until the next one asks */
    else
        close_group(store, group);
}

void store_drop(struct store *store, const struct channel_socket *wanted)
{
    struct store_group *group = find(store, wanted);
    if (group && is_same_name(&group->key, wanted))
        let_go(store, group);
}

void store_sweep(struct store *store, uint64_t number, bool is_ready)
{
    for (unsigned i = 0; i < store->group_count; i++) {
        struct store_group *group = &store->groups[i];
        if (group->is_used && group->asked_by != number && (group->is_static || is_ready))
            let_go(store, group);
    }
}

static void give_back(struct store *store, struct store_group *group)
{
    if (group->before.asked_by == 0) {
        let_go(store, group);
        return;
    }
    group->asked_by = group->before.asked_by;
    group->key.wanted = group->before.wanted;
    group->key.ordinal = group->before.ordinal;
    group->is_static = group->before.is_static;
    memcpy(group->key.role, group->before.role, sizeof(group->key.role));
    group->before.asked_by = 0;
}

void store_give_back(struct store *store, uint64_t number)
{
    for (unsigned i = 0; i < store->group_count; i++)
        if (store->groups[i].is_used && store->groups[i].asked_by == number)
            give_back(store, &store->groups[i]);
}

/* ---- from elsewhere --------------------------------------------------------------------------- */

int store_adopt(struct store *store, const struct channel_socket *key, int fd)
{
    struct store_group *group = find(store, key);
    if (!group && store->socket_count < STORE_SOCKETS_MAX)
        group = add_group(store, key);
    if (!group || store->socket_count == STORE_SOCKETS_MAX) {
        close(fd);
        return -EMFILE;
    }
    add_socket(store, group, fd);
    return (int)number_of(store, group);
}

static int ask(int fd, int option)
{
    int value = 0;
    socklen_t size = sizeof(value);
    return getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0 ? -errno : value;
}

int store_inherit(struct store *store, int fd)
{
    struct channel_socket key = {.kind = SERVICE_TCP};
    int type = ask(fd, SO_TYPE);
    if (type < 0)
        return type;
    if (type == SOCK_DGRAM)
        key.kind = SERVICE_UDP;
    else if (type != SOCK_STREAM || ask(fd, SO_ACCEPTCONN) != 1)
        return -EINVAL;
    if (!socket_address(fd, &key.wanted))
        return -EAFNOSUPPORT;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (key.kind == SERVICE_TCP)
        socket_adopt(fd);
    else
        datagram_adopt(fd, &key.wanted);
    int rc = store_adopt(store, &key, fd);
    if (rc >= 0) {
        store->groups[rc].is_inherited = true;
        store->groups[rc].key.is_lasting = true;
    }
    return rc < 0 ? rc : 0;
}

void store_close(struct store *store)
{
    for (unsigned i = 0; i < store->socket_count; i++)
        close(store->sockets[i].fd);
    store->socket_count = store->group_count = 0;
}
