#include "discovery/dialer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* An attempt is one system call, and while nobody listens lb knows nothing new: so the pauses stay short. */
#define FIRST_PAUSE_MS 100
#define PAUSE_MAX_MS   1000

/* A connection that lasted as long was a good one. */
#define GOOD_LIFE_MS 5000

/* So many connections in a row that did not last are worth a word. */
#define SHORT_LIVES_MAX 3

_Static_assert(DIALER_PATH_BYTES == sizeof(((struct sockaddr_un *)0)->sun_path), "one limit");

void dialer_init(struct dialer *dialer, const char *path, const struct report *report)
{
    *dialer = (struct dialer){.path = path, .fd = -1, .report = *report};
    backoff_init(&dialer->backoff, FIRST_PAUSE_MS, PAUSE_MAX_MS);
    rng_init(&dialer->rng);
}

void dialer_fini(struct dialer *dialer)
{
    if (dialer->fd >= 0)
        close(dialer->fd);
    dialer->fd = -1;
    text_fini(&dialer->told);
}

/* ---- what is in the way ----------------------------------------------------------------------- */

static bool has_folder(const char *path)
{
    char folder[DIALER_PATH_BYTES];
    struct stat found;
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash || slash == folder)
        return true;
    *slash = '\0';
    return stat(folder, &found) == 0 && S_ISDIR(found.st_mode);
}

static void explain_missing(const char *path, struct text *out)
{
    if (!has_folder(path))
        text_append_str(out, "its folder is not there; let lb and lb-discovery share one (two "
                             "containers: a volume), and name a path in it to both");
    else
        text_appendf(out,
                     "there is no such socket; start lb with --discovery unix:%s, it is waited for",
                     path);
}

static void explain_refused(const char *path, struct text *out)
{
    struct stat found;
    if (stat(path, &found) == 0 && !S_ISSOCK(found.st_mode))
        text_append_str(out, "that is no socket; remove it, or name another path to lb and to "
                             "lb-discovery");
    else
        text_appendf(
            out, "nobody listens there; start lb with --discovery unix:%s, it is waited for", path);
}

static void explain(const char *path, int os_error, struct text *out)
{
    text_appendf(out, "cannot connect to lb at %s: ", path);
    switch (os_error) {
    case ENOENT:
    case ENOTDIR:
        explain_missing(path, out);
        break;
    case ECONNREFUSED:
        explain_refused(path, out);
        break;
    case EACCES:
    case EPERM:
        text_append_str(out, "permission denied; run lb-discovery as the user that lb runs as, or "
                             "as root, and let it into the folder");
        break;
    case EPROTOTYPE:
        text_append_str(out, "that is a socket of another kind; name the path that lb has from "
                             "--discovery unix:PATH");
        break;
    case EAGAIN:
        text_append_str(out, "it takes no more connections now; see whether another lb-discovery "
                             "uses this path, and whether lb runs");
        break;
    default:
        text_appendf(out, "%s", strerror(os_error));
    }
}

static void tell_once(struct dialer *dialer, struct text *problem)
{
    if (view_eq(text_view(problem), text_view(&dialer->told))) {
        text_fini(problem);
        return;
    }
    report_say(&dialer->report, REPORT_TROUBLE, "%s", text_str(problem));
    text_fini(&dialer->told);
    dialer->told = *problem;
}

/* ---- its life ---------------------------------------------------------------------------------- */

/* A Unix socket is connected at once or not at all. Gives it, or -errno. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    int os_error = errno;
    close(fd);
    return -os_error;
}

static void schedule(struct dialer *dialer, uint64_t now_ms)
{
    dialer->try_at_ms =
        now_ms + backoff_next_ms(&dialer->backoff, (uint32_t)rng_next(&dialer->rng));
}

bool dialer_tick(struct dialer *dialer, uint64_t now_ms)
{
    struct text problem = TEXT_INIT;
    if (!dialer->path || dialer->fd >= 0 || now_ms < dialer->try_at_ms)
        return false;
    int found = connect_to(dialer->path);
    if (found < 0) {
        explain(dialer->path, -found, &problem);
        tell_once(dialer, &problem);
        schedule(dialer, now_ms);
        return false;
    }
    dialer->fd = found;
    bool is_worth_a_word = dialer->connected_at_ms == 0 || dialer->told.len > 0;
    dialer->connected_at_ms = now_ms;
    report_say(&dialer->report,
               is_worth_a_word && dialer->short_lives < SHORT_LIVES_MAX ? REPORT_NEWS
                                                                        : REPORT_DETAIL,
               "connected to lb at %s", dialer->path);
    if (dialer->short_lives < SHORT_LIVES_MAX)
        text_clear(&dialer->told);
    return true;
}

uint64_t dialer_next_tick_ms(const struct dialer *dialer)
{
    return !dialer->path || dialer->fd >= 0 ? UINT64_MAX : dialer->try_at_ms;
}

void dialer_lose(struct dialer *dialer, uint64_t now_ms)
{
    struct text problem = TEXT_INIT;
    close(dialer->fd);
    dialer->fd = -1;
    bool was_good = now_ms >= dialer->connected_at_ms + GOOD_LIFE_MS;
    dialer->short_lives = was_good ? 0 : dialer->short_lives + 1;
    if (dialer->short_lives <= 1)
        backoff_reset(&dialer->backoff);
    report_say(&dialer->report, REPORT_DETAIL, "the connection to lb at %s is closed",
               dialer->path);
    if (dialer->short_lives >= SHORT_LIVES_MAX) {
        text_appendf(&problem,
                     "lb at %s closes each connection soon after it is there; see whether another "
                     "lb-discovery uses this path, and what lb's log says",
                     dialer->path);
        tell_once(dialer, &problem);
    }
    schedule(dialer, now_ms);
}
