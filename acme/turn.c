#include "acme/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "lb/base/shown.h"

#define LEASE_BYTES 200u

void turn_init(struct turn *turn, const char *folder, struct consul *consul)
{
    char host[65] = "";
    gethostname(host, sizeof(host) - 1);
    *turn = (struct turn){.fd = -1, .consul = consul};
    snprintf(turn->folder, sizeof(turn->folder), "%s", folder);
    snprintf(turn->holder, sizeof(turn->holder), "%s", host[0] ? host : "localhost");
}

/* ---- the folder's lock ---------------------------------------------------------------------------------- */

/* "UNTIL HOLDER" */
static int64_t read_lease(int fd, char holder[128])
{
    char bytes[LEASE_BYTES + 1];
    ssize_t len = pread(fd, bytes, LEASE_BYTES, 0);
    uint64_t until_s;
    struct view rest = view_of(bytes, len > 0 ? (size_t)len : 0);
    struct view first = view_cut(&rest, ' ');
    holder[0] = '\0';
    if (!view_parse_u64(first, UINT32_MAX * UINT64_C(4), &until_s))
        return 0;
    snprintf(holder, 128, "%.*s", (int)rest.len, rest.ptr ? rest.ptr : "");
    holder[strcspn(holder, "\n")] = '\0';
    return (int64_t)until_s;
}

static bool write_lease(const struct turn *turn, int64_t until_s)
{
    char bytes[LEASE_BYTES];
    int len = snprintf(bytes, sizeof(bytes), "%lld %s\n", (long long)until_s, turn->holder);
    return ftruncate(turn->fd, 0) == 0 && pwrite(turn->fd, bytes, (size_t)len, 0) == len;
}

static bool refuse(struct turn *turn, int fd, const char *holder, struct trouble *trouble)
{
    struct text shown = TEXT_INIT;
    shown_append(&shown, view_str(holder));
    trouble_say(trouble, TROUBLE_HERE, "another lb-acme (%.100s) orders for %.300s",
                holder[0] ? text_str(&shown) : "of this machine", turn->folder);
    text_fini(&shown);
    close(fd);
    return false;
}

static bool lock_folder(struct turn *turn, int64_t now_s, struct trouble *trouble)
{
    char path[DISK_PATH_BYTES], holder[128];
    if (turn->fd >= 0)
        return true;
    int fd = disk_join(path, turn->folder, "lock")
                 ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)
                 : -1;
    if (fd < 0) {
        trouble_say(trouble, TROUBLE_HERE,
                    "%.400s/lock cannot be opened: %s; look at --acme-dir and its owner",
                    turn->folder, strerror(errno));
        return false;
    }
    int64_t until_s = read_lease(fd, holder);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return refuse(turn, fd, holder, trouble);
    until_s = read_lease(fd, holder);
    if (until_s > now_s && until_s <= now_s + 2 * TURN_LEASE_S && strcmp(holder, turn->holder) != 0)
        return refuse(turn, fd, holder, trouble);
    turn->fd = fd;
    turn->renewed_s = 0;
    return true;
}

/* What is written is read again: another machine may have done the same. */
static bool keep_lease(struct turn *turn, int64_t now_s, struct trouble *trouble)
{
    char holder[128];
    int64_t until_s = read_lease(turn->fd, holder);
    if (turn->renewed_s > 0 && until_s > now_s && strcmp(holder, turn->holder) != 0) {
        int fd = turn->fd;
        turn->fd = -1;
        return refuse(turn, fd, holder, trouble);
    }
    if (now_s - turn->renewed_s < TURN_RENEW_S && now_s >= turn->renewed_s)
        return true;
    if (write_lease(turn, now_s + TURN_LEASE_S)) {
        turn->renewed_s = now_s;
        return true;
    }
    trouble_say(trouble, TROUBLE_HERE, "%.400s/lock cannot be written: %s; make room there",
                turn->folder, strerror(errno));
    return false;
}

/* ---- Consul's ------------------------------------------------------------------------------------------------ */

static bool renew_session(struct turn *turn, struct trouble *trouble)
{
    char path[128];
    struct exchange_answer answer = {0};
    if (turn->session[0]) {
        snprintf(path, sizeof(path), "session/renew/%s", turn->session);
        if (!consul_ask(turn->consul, "PUT", path, view_of(NULL, 0), &answer, trouble)) {
            exchange_answer_fini(&answer);
            return false;
        }
        if (answer.status == 404) /* it has ended */
            turn->session[0] = '\0';
    }
    exchange_answer_fini(&answer);
    return turn->session[0] || consul_make_session(turn->consul, "lb-acme", turn->session, trouble);
}

static bool lock_consul(struct turn *turn, int64_t now_s, struct trouble *trouble)
{
    char path[160];
    bool is_true = false;
    if (turn->is_locked && now_s - turn->renewed_s < TURN_RENEW_S && now_s >= turn->renewed_s)
        return true;
    turn->is_locked = false;
    if (!renew_session(turn, trouble))
        return false;
    snprintf(path, sizeof(path), "kv/" CONSUL_PREFIX "lock?acquire=%s", turn->session);
    if (!consul_ask_truth(turn->consul, "PUT", path, view_str(turn->holder), &is_true, trouble))
        return false;
    turn->is_locked = is_true;
    if (!is_true)
        trouble_say(trouble, TROUBLE_HERE, "another lb-acme orders, as Consul has it");
    return is_true;
}

static void unlock_consul(struct turn *turn)
{
    char path[160];
    bool is_true;
    struct trouble ignored = {0};
    if (!turn->consul || !turn->session[0])
        return;
    snprintf(path, sizeof(path), "session/destroy/%s", turn->session);
    consul_ask_truth(turn->consul, "PUT", path, view_of(NULL, 0), &is_true, &ignored);
    turn->session[0] = '\0';
    turn->is_locked = false;
}

/* ---- both ---------------------------------------------------------------------------------------------------- */

bool turn_take(struct turn *turn, int64_t now_s, struct trouble *trouble)
{
    turn->is_ours = lock_folder(turn, now_s, trouble) &&
                    (!turn->consul || lock_consul(turn, now_s, trouble)) &&
                    keep_lease(turn, now_s, trouble);
    return turn->is_ours;
}

void turn_leave(struct turn *turn)
{
    unlock_consul(turn);
    if (turn->fd >= 0) {
        if (turn->renewed_s > 0)
            write_lease(turn, 0);
        close(turn->fd);
    }
    turn->fd = -1;
    turn->is_ours = false;
}
