#include "discovery/file/file_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "discovery/file/file.h"
#include "discovery/file/file_remedy.h"
#include "discovery/surroundings.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"

#define LOOK_EVERY_MS 1000

/* What tells one version of a file from the next. */
struct stamp {
    bool exists;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct file_watch {
    const char *path; /* borrowed */
    bool has_company;
    struct report report;
    char *folder;
    const char *name; /* in `path` */
    int fd;
    int folder_watch; /* -1: the folder is not watched */
    uint64_t look_at_ms;
    struct stamp loaded;   /* when the file was read last */
    struct stamp previous; /* at the last look */
    struct file *file;     /* the last good one */
    struct alive alive;
    bool is_dirty;
};

static void *open_source(const void *options, struct fetch_loop *loop, const struct report *report,
                         int *fd)
{
    const struct file_watch_options *wanted = options;
    const char *path = wanted->path;
    (void)loop;
    struct file_watch *watch = memory_new(sizeof(*watch));
    const char *slash = strrchr(path, '/');
    watch->path = path;
    watch->has_company = wanted->has_company;
    watch->report = *report;
    watch->name = slash ? slash + 1 : path;
    if (!slash)
        watch->folder = memory_copy(".", 1);
    else
        watch->folder = memory_copy(path, slash == path ? 1 : (size_t)(slash - path));
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    watch->folder_watch = -1;
    watch->loaded.inode = (ino_t)-1; /* unlike every file and unlike none */
    *fd = watch->fd;
    return watch;
}

static void close_source(void *state)
{
    struct file_watch *watch = state;
    if (watch->fd >= 0)
        close(watch->fd);
    file_free(watch->file);
    free(watch->folder);
    free(watch);
}

static uint64_t next_tick_ms(const void *state)
{
    return ((const struct file_watch *)state)->look_at_ms;
}

static struct stamp look(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return (struct stamp){.exists = false};
    return (struct stamp){true, st.st_dev, st.st_ino, st.st_size, st.st_mtim};
}

static bool stamp_eq(const struct stamp *a, const struct stamp *b)
{
    return a->exists == b->exists && a->device == b->device && a->inode == b->inode &&
           a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

bool file_watch_read(const char *path, struct text *out)
{
    char piece[65536];
    ssize_t got;
    /* Not to be held up by a FIFO that nobody writes to. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    while ((got = read(fd, piece, sizeof(piece))) > 0 && out->len <= FILE_MAX_BYTES)
        text_append(out, view_of(piece, (size_t)got));
    int error = out->len > FILE_MAX_BYTES ? EFBIG : got < 0 ? errno : 0;
    close(fd);
    errno = error;
    return error == 0;
}

static void obstruct(struct file_watch *watch, const char *problem, int os_error)
{
    struct text why = TEXT_INIT, remedy = TEXT_INIT;
    text_appendf(&why, "%s: %s%s", watch->path, problem,
                 watch->file ? "; the last good state is kept" : "; waiting for it");
    file_remedy_append(watch->path, os_error, surroundings_are_container(), geteuid(), &remedy);
    report_obstruct(&watch->report, text_str(&why), text_str(&remedy));
    text_fini(&why);
    text_fini(&remedy);
}

/* Without "line 1, column 2: ", which moves with each edit. */
static struct view without_place(struct view line)
{
    ptrdiff_t end = view_starts_with(line, VIEW("line ")) ? view_find(line, ':') : -1;
    return end < 0 ? line : view_skip(line, (size_t)end);
}

static bool has_line(struct view lines, struct view line)
{
    while (lines.len > 0)
        if (view_eq(without_place(view_cut(&lines, '\n')), without_place(line)))
            return true;
    return false;
}

/* What is not followed in a file that is, and was not told of the file as it was before. */
static void tell_remarks(struct file_watch *watch, const struct file *before)
{
    struct view rest = view_str(file_remarks(watch->file));
    struct view told = view_str(before ? file_remarks(before) : NULL);
    while (rest.len > 0) {
        struct view line = view_cut(&rest, '\n');
        if (has_line(told, line))
            continue;
        report_say(&watch->report, REPORT_REMARK, "%s: %.*s", watch->path, (int)line.len, line.ptr);
    }
}

static void load(struct file_watch *watch)
{
    struct text bytes = TEXT_INIT, problem = TEXT_INIT;
    watch->loaded = watch->previous = look(watch->path);
    watch->alive.is_connected = false;
    watch->alive.resyncs[watch->file ? ALIVE_RESYNC_CHANGE : ALIVE_RESYNC_START]++;
    if (!file_watch_read(watch->path, &bytes)) {
        obstruct(watch, strerror(errno), errno);
    } else {
        struct file *file = file_parse(text_view(&bytes), watch->has_company, &problem);
        if (file) {
            struct file *before = watch->file;
            watch->file = file;
            watch->is_dirty = true;
            watch->alive.is_connected = true;
            watch->alive.last_sync_ns = clock_wall_ns();
            report_say(&watch->report, REPORT_NEWS, "%s was read", watch->path);
            report_clear(&watch->report);
            tell_remarks(watch, before);
            file_free(before);
        } else {
            obstruct(watch, text_str(&problem), 0);
        }
    }
    text_fini(&bytes);
    text_fini(&problem);
}

/* Takes what the kernel told; true when it was about our file, and whole. */
static bool drain_events(struct file_watch *watch)
{
    union {
        struct inotify_event event;
        char bytes[8192];
    } buffer;
    bool is_ours = false;
    ssize_t got;
    while ((got = read(watch->fd, buffer.bytes, sizeof(buffer.bytes))) > 0) {
        for (const char *at = buffer.bytes; at < buffer.bytes + got;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
            if (event->mask & IN_IGNORED)
                watch->folder_watch = -1;
            else if (event->mask & IN_MOVE_SELF)
                inotify_rm_watch(watch->fd, event->wd);
            else if (event->len > 0 && strcmp(event->name, watch->name) == 0)
                is_ours = true;
            at += sizeof(*event) + event->len;
        }
    }
    return is_ours;
}

static void look_again(struct file_watch *watch, uint64_t now_ms)
{
    if (watch->folder_watch < 0 && watch->fd >= 0)
        watch->folder_watch =
            inotify_add_watch(watch->fd, watch->folder,
                              IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                  IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR);
    /* A file that is still being written looks different every time; wait until it does not. */
    struct stamp stamp = look(watch->path);
    bool is_settled = stamp_eq(&stamp, &watch->previous) || watch->look_at_ms == 0;
    watch->previous = stamp;
    watch->look_at_ms = now_ms + LOOK_EVERY_MS;
    if (is_settled && !stamp_eq(&stamp, &watch->loaded))
        load(watch);
}

static void tick(void *state, uint64_t now_ms)
{
    struct file_watch *watch = state;
    bool was_told = watch->fd >= 0 && drain_events(watch);
    if (was_told)
        load(watch);
    if (now_ms >= watch->look_at_ms)
        look_again(watch, now_ms);
}

static const struct alive *tell_alive(const void *state)
{
    return &((const struct file_watch *)state)->alive;
}

static bool collect(void *state, bool is_wanted, struct set *set)
{
    struct file_watch *watch = state;
    if (!watch->file || !(watch->is_dirty || is_wanted))
        return false;
    watch->is_dirty = false;
    file_collect(watch->file, set);
    return true;
}

const struct source_kind file_watch_source = {
    .word = "file",
    .is_awaited = true,
    .open = open_source,
    .tick = tick,
    .next_tick_ms = next_tick_ms,
    .collect = collect,
    .alive = tell_alive,
    .close = close_source,
};
