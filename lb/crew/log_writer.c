#include "lb/crew/log_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/base/thread.h"
#include "lb/crew/log_messages.h"

#define NAP_MS         20 /* of lines that come thick: few large writes */
#define RETRY_MS       1000
#define FLUSH_NS       UINT64_C(1000000000)
#define FILE_MODE      0640
#define SIGNAL_GIVE_UP SIGRTMIN /* ends a write that blocks; its handler does nothing */

static const char *name_of(const struct log_writer *writer)
{
    if (writer->is_socket)
        return "lb-report";
    return writer->path ? writer->path : "standard output";
}

/* ---- the file -------------------------------------------------------------------------------- */

/* A pipe that nobody reads is refused here instead of waited for; writing blocks all the same. */
static int open_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, FILE_MODE);
    if (fd >= 0)
        fcntl(fd, F_SETFL, O_APPEND);
    return fd >= 0 ? fd : -errno;
}

/* The rest of a line that the old file has the beginning of. */
static void skip_torn(struct log_writer *writer)
{
    struct view pieces[2];
    log_ring_peek(&writer->rings[writer->current], pieces);
    for (unsigned i = 0; i < 2 && writer->is_torn; i++) {
        ptrdiff_t at = view_find(pieces[i], '\n');
        writer->is_torn = at < 0;
        log_ring_take(&writer->rings[writer->current], at < 0 ? pieces[i].len : (size_t)at + 1);
    }
}

static int reopen(struct log_writer *writer)
{
    int fd = open_file(writer->path);
    if (fd < 0)
        return fd;
    close(writer->fd);
    writer->fd = fd;
    if (writer->is_torn)
        skip_torn(writer);
    return 0;
}

static void obey_reopen(struct log_writer *writer)
{
    if (!atomic_exchange(&writer->wants_reopen, false) || !writer->path)
        return;
    int rc = reopen(writer);
    if (rc < 0)
        log_error("access log: cannot open %s: %s; going on with the old file", writer->path,
                  strerror(-rc));
    else
        log_info("access log: %s is opened anew", writer->path);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void note_failure(struct log_writer *writer, int error)
{
    if (writer->failure == 0)
        log_error("access log: cannot write to %s: %s; trying again every second, and dropping "
                  "lines while the buffer is full",
                  name_of(writer), strerror(error));
    writer->failure = error;
}

static void note_success(struct log_writer *writer)
{
    if (writer->failure != 0)
        log_info("access log: writing to %s works again", name_of(writer));
    writer->failure = 0;
}

/* True: go on. Somebody else may have made the descriptor non-blocking, which is shared. */
static bool wait_writable(struct log_writer *writer)
{
    struct pollfd wish = {.fd = writer->fd, .events = POLLOUT};
    poll(&wish, 1, RETRY_MS);
    return !atomic_load(&writer->gives_up);
}

/* A socket that is full is no failure, and tells when there is room. */
static bool send_ring(struct log_writer *writer)
{
    int rc = log_messages_send(writer->fd, &writer->rings[writer->current]);
    writer->is_full = rc == -EAGAIN;
    if (rc == 0)
        note_success(writer);
    else if (!writer->is_full)
        note_failure(writer, -rc);
    return rc == 0;
}

/* All of what the current ring holds. False: it cannot be written now. */
static bool write_ring(struct log_writer *writer)
{
    struct log_ring *ring = &writer->rings[writer->current];
    if (writer->is_socket)
        return send_ring(writer);
    for (;;) {
        struct view pieces[2];
        log_ring_peek(ring, pieces);
        if (pieces[0].len == 0)
            return true;
        struct iovec vector[2] = {{(void *)(uintptr_t)pieces[0].ptr, pieces[0].len},
                                  {(void *)(uintptr_t)pieces[1].ptr, pieces[1].len}};
        ssize_t count = writev(writer->fd, vector, pieces[1].len > 0 ? 2 : 1);
        if (count > 0) {
            size_t last = (size_t)count - 1;
            char end =
                last < pieces[0].len ? pieces[0].ptr[last] : pieces[1].ptr[last - pieces[0].len];
            writer->is_torn = end != '\n';
            log_ring_take(ring, (size_t)count);
            note_success(writer);
        } else if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
            if (atomic_load(&writer->gives_up) || (errno == EAGAIN && !wait_writable(writer)))
                return false;
        } else {
            note_failure(writer, count < 0 ? errno : EIO);
            return false;
        }
    }
}

static bool has_waiting(const struct log_writer *writer)
{
    for (unsigned i = 0; i < writer->ring_count; i++) {
        struct view pieces[2];
        log_ring_peek(&writer->rings[i], pieces);
        if (pieces[0].len > 0)
            return true;
    }
    return false;
}

/* One round over the rings, from the current one on. False: what waits cannot be written now. */
static bool write_rings(struct log_writer *writer)
{
    for (unsigned i = 0; i < writer->ring_count; i++) {
        if (!write_ring(writer))
            return false;
        writer->current = (writer->current + 1) % writer->ring_count;
    }
    return true;
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Producers cannot help. A full socket tells when there is room again; all else is tried again and again. */
static void wait_for_room(struct log_writer *writer)
{
    uint64_t ignored;
    struct pollfd wishes[] = {{.fd = writer->wake_fd, .events = POLLIN},
                              {.fd = writer->fd, .events = POLLOUT}};
    if (!atomic_load(&writer->is_stopping) && !atomic_load(&writer->wants_reopen))
        poll(wishes, writer->is_full ? 2 : 1, RETRY_MS);
    if (read(writer->wake_fd, &ignored, sizeof(ignored)) < 0)
        return; /* nobody woke it */
}

static void wait_for_wake(struct log_writer *writer, enum log_writer_state state, int wait_ms)
{
    uint64_t ignored;
    struct pollfd wish = {.fd = writer->wake_fd, .events = POLLIN};
    atomic_store(&writer->state, state);
    bool is_asked = atomic_load(&writer->is_stopping) || atomic_load(&writer->wants_reopen);
    if (!is_asked && (state != LOG_WRITER_ASLEEP || !has_waiting(writer)))
        poll(&wish, 1, wait_ms);
    atomic_store(&writer->state, LOG_WRITER_AWAKE);
    if (read(writer->wake_fd, &ignored, sizeof(ignored)) < 0)
        return; /* nobody woke it */
}

static void hear_to_give_up(void)
{
    sigset_t heard;
    sigemptyset(&heard);
    sigaddset(&heard, SIGNAL_GIVE_UP);
    pthread_sigmask(SIG_UNBLOCK, &heard, NULL);
}

static void *run(void *argument)
{
    struct log_writer *writer = argument;
    hear_to_give_up();
    for (;;) {
        bool is_stopping = atomic_load(&writer->is_stopping);
        bool had_work = has_waiting(writer);
        obey_reopen(writer);
        bool is_written = write_rings(writer);
        if (is_stopping)
            break;
        if (!is_written)
            wait_for_room(writer);
        else if (had_work)
            wait_for_wake(writer, LOG_WRITER_NAPPING, NAP_MS);
        else
            wait_for_wake(writer, LOG_WRITER_ASLEEP, -1);
    }
    atomic_store(&writer->is_done, true);
    return NULL;
}

/* ---- from outside ---------------------------------------------------------------------------- */

static void close_files(struct log_writer *writer)
{
    if (writer->wake_fd >= 0)
        close(writer->wake_fd);
    if (writer->path)
        close(writer->fd);
}

static void on_give_up(int number)
{
    (void)number;
}

static int start(struct log_writer *writer)
{
    struct sigaction action = {.sa_handler = on_give_up};
    sigaction(SIGNAL_GIVE_UP, &action, NULL);
    writer->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int rc = writer->wake_fd < 0 ? -errno : -thread_start(&writer->thread, NULL, run, writer);
    if (rc < 0)
        close_files(writer);
    return rc;
}

int log_writer_start(struct log_writer *writer, struct log_ring *rings, unsigned ring_count,
                     const char *path)
{
    *writer = (struct log_writer){.rings = rings, .ring_count = ring_count, .path = path};
    writer->fd = path ? open_file(path) : STDOUT_FILENO;
    return writer->fd < 0 ? writer->fd : start(writer);
}

int log_writer_start_sending(struct log_writer *writer, struct log_ring *rings, unsigned ring_count,
                             int socket)
{
    *writer = (struct log_writer){
        .rings = rings, .ring_count = ring_count, .fd = socket, .is_socket = true};
    return start(writer);
}

static void wake(struct log_writer *writer)
{
    uint64_t one = 1;
    ssize_t ignored = write(writer->wake_fd, &one, sizeof(one));
    (void)ignored;
}

void log_writer_notice(struct log_writer *writer, const struct log_ring *ring)
{
    enum log_writer_state state = atomic_load(&writer->state);
    if (state == LOG_WRITER_AWAKE || (state == LOG_WRITER_NAPPING && !log_ring_is_filling(ring)))
        return;
    if (atomic_compare_exchange_strong(&writer->state, &state, LOG_WRITER_AWAKE))
        wake(writer);
}

void log_writer_reopen(struct log_writer *writer)
{
    atomic_store(&writer->wants_reopen, true);
    wake(writer);
}

void log_writer_stop(struct log_writer *writer)
{
    uint64_t end_ns = clock_mono_ns() + FLUSH_NS;
    atomic_store(&writer->is_stopping, true);
    wake(writer);
    while (!atomic_load(&writer->is_done)) {
        if (clock_mono_ns() >= end_ns) {
            atomic_store(&writer->gives_up, true);
            pthread_kill(writer->thread, SIGNAL_GIVE_UP);
        }
        uv_sleep(1);
    }
    uv_thread_join(&writer->thread);
    close_files(writer);
}
