#include "lb/master/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lb/master/master_state.h"

/* Goes up with each change of what is written; the sizes of the records say it, too, where that was forgotten. */
#define STATE_VERSION 3u

static const char magic[8] = "lb-state";

struct head {
    char magic[8];
    uint32_t version, channel_version;
    uint32_t record_count;
};

enum record_kind {
    RECORD_COMMON = 1,
    RECORD_PROGRAM,
    RECORD_KEEPSAKES,
    RECORD_HISTORY,
    RECORD_PLACE,
    RECORD_DISCOVERY,
    RECORD_REPORTER,
    RECORD_ACME,
    RECORD_GUEST,
    RECORD_DOOR,
    RECORD_PROCESS,
    RECORD_GROUP,
    RECORD_SOCKET,
};

struct record {
    uint32_t kind, size;
};

struct common {
    uint64_t last_number;
    uint32_t has_served, group_count;
};

/* A group with its number, to which sockets refer. */
struct numbered_group {
    uint32_t number;
    struct store_group group;
};

/* ---- writing ---------------------------------------------------------------------------------- */

struct writing {
    int fd, error;
    off_t at;
    uint32_t count;
};

static void put_bytes(struct writing *writing, const void *bytes, size_t size)
{
    if (writing->error == 0 && pwrite(writing->fd, bytes, size, writing->at) != (ssize_t)size)
        writing->error = errno ? -errno : -EIO;
    writing->at += (off_t)size;
}

static void put(struct writing *writing, enum record_kind kind, const void *bytes, size_t size)
{
    struct record record = {.kind = kind, .size = (uint32_t)size};
    put_bytes(writing, &record, sizeof(record));
    put_bytes(writing, bytes, size);
    writing->count++;
}

#define PUT(writing, kind, value) put(writing, kind, &(value), sizeof(value))

static void put_lists(struct writing *writing, const struct master *master)
{
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        if (master->processes.list[i].role != PROCESS_NONE)
            PUT(writing, RECORD_PROCESS, master->processes.list[i]);
    for (unsigned i = 0; i < master->store.group_count; i++) {
        struct numbered_group row = {.number = i, .group = master->store.groups[i]};
        if (row.group.is_used)
            PUT(writing, RECORD_GROUP, row);
    }
    for (unsigned i = 0; i < master->store.socket_count; i++)
        PUT(writing, RECORD_SOCKET, master->store.sockets[i]);
}

int state_write(const struct master *master)
{
    struct writing writing = {.fd = memfd_create("lb-state", MFD_CLOEXEC)};
    struct head head = {.version = STATE_VERSION, .channel_version = CHANNEL_VERSION};
    struct common common = {.last_number = master->processes.last_number,
                            .has_served = master->has_served,
                            .group_count = master->store.group_count};
    if (writing.fd < 0)
        return -errno;
    memcpy(head.magic, magic, sizeof(magic));
    writing.at = sizeof(head);
    PUT(&writing, RECORD_COMMON, common);
    PUT(&writing, RECORD_PROGRAM, master->proxy);
    PUT(&writing, RECORD_KEEPSAKES, master->keepsakes);
    PUT(&writing, RECORD_HISTORY, master->history);
    PUT(&writing, RECORD_PLACE, master->place);
    PUT(&writing, RECORD_DISCOVERY, master->discovery);
    PUT(&writing, RECORD_REPORTER, master->reporter);
    PUT(&writing, RECORD_ACME, master->acme);
    PUT(&writing, RECORD_GUEST, master->guest);
    PUT(&writing, RECORD_DOOR, master->handover.door);
    put_lists(&writing, master);
    head.record_count = writing.count;
    writing.at = 0;
    put_bytes(&writing, &head, sizeof(head));
    if (writing.error == 0)
        return writing.fd;
    close(writing.fd);
    return writing.error;
}

/* ---- reading ---------------------------------------------------------------------------------- */

struct reading {
    int fd;
    off_t at;
};

static bool get(struct reading *reading, void *out, size_t size)
{
    ssize_t got = pread(reading->fd, out, size, reading->at);
    reading->at += (off_t)size;
    return got == (ssize_t)size;
}

static bool get_process(struct reading *reading, struct master *master)
{
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        if (master->processes.list[i].role == PROCESS_NONE)
            return get(reading, &master->processes.list[i], sizeof(struct process));
    return false;
}

static bool get_group(struct reading *reading, struct master *master)
{
    struct numbered_group row;
    if (!get(reading, &row, sizeof(row)) || row.number >= master->store.group_count)
        return false;
    master->store.groups[row.number] = row.group;
    return true;
}

static bool get_socket(struct reading *reading, struct master *master)
{
    struct store *store = &master->store;
    struct store_socket row;
    if (store->socket_count >= STORE_SOCKETS_MAX || !get(reading, &row, sizeof(row)) ||
        row.group >= store->group_count)
        return false;
    store->sockets[store->socket_count++] = row;
    return true;
}

static bool get_common(struct reading *reading, struct master *master)
{
    struct common common;
    if (!get(reading, &common, sizeof(common)) || common.group_count > STORE_SOCKETS_MAX)
        return false;
    master->processes.last_number = common.last_number;
    master->has_served = common.has_served != 0;
    master->store.group_count = common.group_count;
    return true;
}

/* Where one of a kind goes, and how large it is. */
static const struct place {
    enum record_kind kind;
    size_t size, offset;
} places[] = {
    {RECORD_PROGRAM, sizeof(struct program), offsetof(struct master, proxy)},
    {RECORD_KEEPSAKES, sizeof(struct keepsakes), offsetof(struct master, keepsakes)},
    {RECORD_HISTORY, sizeof(struct channel_history), offsetof(struct master, history)},
    {RECORD_PLACE, sizeof(struct channel_place), offsetof(struct master, place)},
    {RECORD_DISCOVERY, sizeof(struct discovery), offsetof(struct master, discovery)},
    {RECORD_REPORTER, sizeof(struct helper), offsetof(struct master, reporter)},
    {RECORD_ACME, sizeof(struct helper), offsetof(struct master, acme)},
    {RECORD_GUEST, sizeof(struct guest), offsetof(struct master, guest)},
    {RECORD_DOOR, sizeof(struct door), offsetof(struct master, handover.door)},
};

/* One of many. */
static const struct part {
    enum record_kind kind;
    size_t size;
    bool (*get)(struct reading *reading, struct master *master);
} parts[] = {
    {RECORD_COMMON, sizeof(struct common), get_common},
    {RECORD_PROCESS, sizeof(struct process), get_process},
    {RECORD_GROUP, sizeof(struct numbered_group), get_group},
    {RECORD_SOCKET, sizeof(struct store_socket), get_socket},
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* `master` NULL: only looks whether it could. */
static bool get_record(struct reading *reading, struct master *master)
{
    struct record record;
    if (!get(reading, &record, sizeof(record)))
        return false;
    off_t next = reading->at + (off_t)record.size;
    bool is_good = false;
    for (size_t i = 0; i < COUNT(places); i++)
        if (places[i].kind == record.kind && places[i].size == record.size)
            is_good = !master || get(reading, (char *)master + places[i].offset, record.size);
    for (size_t i = 0; i < COUNT(parts); i++)
        if (parts[i].kind == record.kind && parts[i].size == record.size)
            is_good = !master || parts[i].get(reading, master);
    reading->at = next;
    return is_good;
}

static int read_all(struct master *master, int fd)
{
    struct reading reading = {.fd = fd};
    struct head head;
    if (!get(&reading, &head, sizeof(head)) || memcmp(head.magic, magic, sizeof(magic)) != 0)
        return -EBADMSG;
    if (head.version != STATE_VERSION || head.channel_version != CHANNEL_VERSION)
        return -EPROTONOSUPPORT;
    for (uint32_t i = 0; i < head.record_count; i++)
        if (!get_record(&reading, master))
            return -EBADMSG;
    return lseek(fd, 0, SEEK_END) == reading.at ? 0 : -EBADMSG;
}

int state_check(int fd)
{
    return read_all(NULL, fd);
}

/* ---- descriptors ------------------------------------------------------------------------------ */

struct visit {
    void (*act)(int fd, void *owner);
    void *owner;
};

static void act_on(int fd, const struct visit *visit)
{
    if (fd >= 0)
        visit->act(fd, visit->owner);
}

void state_each_fd(const struct master *master, void (*act)(int fd, void *owner), void *owner)
{
    const struct visit visit = {.act = act, .owner = owner};
    act_on(master->proxy.fd, &visit);
    act_on(master->discovery.helper.plan, &visit);
    act_on(master->discovery.pipe, &visit);
    act_on(master->reporter.plan, &visit);
    act_on(master->acme.plan, &visit);
    act_on(master->guest.door.fd, &visit);
    act_on(master->guest.connection, &visit);
    act_on(master->handover.door.fd, &visit);
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++) {
        act_on(master->keepsakes.fds[i], &visit);
        act_on(master->keepsakes.others[i], &visit);
    }
    for (unsigned i = 0; i < master->store.socket_count; i++)
        act_on(master->store.sockets[i].fd, &visit);
    for (unsigned i = 0; i < PROCESSES_MAX; i++) {
        const struct process *process = &master->processes.list[i];
        if (process->role == PROCESS_NONE)
            continue;
        act_on(process->channel, &visit);
        act_on(process->gauges, &visit);
        for (unsigned k = 0; k < CHANNEL_HELPER_COUNT; k++)
            act_on(process->plans[k], &visit);
    }
}

/* As far as the master knows itself: texts end, and counts are right. */
static bool is_sound(const struct master *master)
{
    for (unsigned i = 0; i < master->store.group_count; i++) {
        const struct store_group *group = &master->store.groups[i];
        if (group->is_used && store_lend(&master->store, i, group->key.count, &(int){0}, 1) > 0)
            return false;
    }
    return memchr(master->proxy.path, '\0', sizeof(master->proxy.path)) &&
           memchr(master->guest.door.path, '\0', sizeof(master->guest.door.path)) &&
           memchr(master->handover.door.path, '\0', sizeof(master->handover.door.path));
}

static void look_at(int fd, void *owner)
{
    bool *are_open = owner;
    *are_open = *are_open && fcntl(fd, F_GETFD) >= 0;
}

int state_read(struct master *master, int fd)
{
    int rc = read_all(master, fd);
    if (rc == 0 && !is_sound(master))
        rc = -EBADMSG;
    if (rc < 0)
        return rc;
    bool are_open = true;
    state_each_fd(master, look_at, &are_open);
    return are_open ? 0 : -EBADMSG;
}
