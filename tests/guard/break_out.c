/* Preloaded into a program: at a word of the test it tries from inside what the jail is to refuse, in the thread that
 * waits next. LB_DISCOVERY_BREAK_OUT names a file (BOARD is one, NAME that of the program: BOARD.NAME), which is mapped
 * at the start; where there is no such file nothing is done. What ends in success is tried in a child, if there
 * can be one: so that the program outside of a jail goes on. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/jail/attempts.h"

#define ROWS_MAX         128u
#define NAME_BYTES       56
#define CALL(expression) ((long)(expression) < 0 ? errno : 0)

struct row {
    char name[NAME_BYTES];
    int32_t rc, refusal;
};

/* tests/scenario/jail/board.py has the same. */
struct board {
    _Atomic int32_t order; /* 1: begin; 2: it is under way; 3: done */
    int32_t kind;          /* enum jail_kind: whose jail it is */
    int32_t sibling;
    int32_t row_count;
    char socket_path[108];
    char file_path[108];
    struct row rows[ROWS_MAX];
};

static struct board *board;

/* ---- what is tried with others ---------------------------------------------------------------- */

static int connect_to_engine(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path, board->socket_path, sizeof(at.sun_path));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return fd < 0 ? errno : CALL(connect(fd, (struct sockaddr *)&at, sizeof(at)));
}

static int open_file(void)
{
    return CALL(open(board->file_path, O_RDONLY));
}

static int open_of_sibling(const char *name)
{
    char path[64], byte;
    snprintf(path, sizeof(path), "/proc/%d/%s", board->sibling, name);
    int fd = open(path, O_RDONLY);
    return fd < 0 ? errno : CALL(pread(fd, &byte, 1, 0)) == EIO ? 0 : CALL(pread(fd, &byte, 1, 0));
}

static int environment(void)
{
    return open_of_sibling("environ");
}

static int memory(void)
{
    return open_of_sibling("mem");
}

static int maps(void)
{
    return open_of_sibling("maps");
}

static int descriptors(void)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd", board->sibling);
    return CALL(open(path, O_RDONLY | O_DIRECTORY));
}

static int trace(void)
{
    int rc = CALL(ptrace(PTRACE_SEIZE, board->sibling, NULL, NULL));
    if (rc == 0 && ptrace(PTRACE_INTERRUPT, board->sibling, NULL, NULL) == 0)
        waitpid(board->sibling, NULL, __WALL);
    return rc;
}

static int read_memory(void)
{
    char byte;
    struct iovec own = {&byte, 1}, other = {(void *)16, 1};
    int rc = CALL(process_vm_readv(board->sibling, &own, 1, &other, 1, 0));
    return rc == EFAULT ? 0 : rc;
}

static int take_descriptor(void)
{
    int fd = (int)syscall(SYS_pidfd_open, board->sibling, 0);
    return fd < 0 ? errno : CALL(syscall(SYS_pidfd_getfd, fd, 0, 0));
}

static int queue_signal(void)
{
    siginfo_t info = {.si_code = SI_QUEUE};
    return CALL(syscall(SYS_rt_sigqueueinfo, board->sibling, SIGURG, &info));
}

static int stop(void)
{
    return CALL(kill(board->sibling, SIGSTOP));
}

static int end(void)
{
    return CALL(kill(board->sibling, SIGKILL));
}

static int run_program(void)
{
    char *const words[] = {(char[]){"true"}, NULL};
    pid_t pid = vfork();
    if (pid == 0) {
        execv("/bin/true", words);
        _exit(127);
    }
    return pid < 0 ? errno : 0;
}

/* In this order: the sibling is stopped, then ended. */
static const struct attempt others[] = {
    {"connect to the engine's socket", connect_to_engine, EPERM, ATTEMPT_PROXY | ATTEMPT_REPORT},
    {"open of a file that is not listed", open_file, EACCES, 0},
    {"environ of a sibling", environment, EACCES, 0},
    {"mem of a sibling", memory, EACCES, 0},
    {"maps of a sibling", maps, EACCES, 0},
    {"fd of a sibling", descriptors, EACCES, 0},
    {"ptrace of a sibling", trace, EPERM, 0},
    {"process_vm_readv of a sibling", read_memory, EPERM, 0},
    {"pidfd_getfd of a sibling", take_descriptor, EPERM, 0},
    {"rt_sigqueueinfo to a sibling", queue_signal, EPERM, 0},
    {"kill -STOP of a sibling", stop, EPERM, 0},
    {"kill -KILL of a sibling", end, EPERM, 0},
    {"vfork and execv", run_program, EPERM, 0},
};

/* ---- trying ----------------------------------------------------------------------------------- */

/* Inline where no child can be had: then whatever is refused does nothing. */
static int try(const struct attempt *attempt)
{
    int status;
    errno = 0;
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid < 0)
        return attempt->try();
    if (pid == 0)
        _exit(attempt->try());
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void try_all(const struct attempt *attempts, size_t count)
{
    for (size_t i = 0; i < count && board->row_count < (int32_t)ROWS_MAX; i++) {
        if (!attempt_is_for(&attempts[i], (enum jail_kind)board->kind))
            continue;
        struct row *row = &board->rows[board->row_count];
        strncpy(row->name, attempts[i].name, sizeof(row->name) - 1);
        row->refusal = attempts[i].refusal;
        row->rc = try(&attempts[i]);
        board->row_count++;
    }
}

static void obey(void)
{
    int32_t begin = 1;
    int before = errno;
    if (!board || !atomic_compare_exchange_strong(&board->order, &begin, 2))
        return;
    try_all(attempts_refused, attempts_refused_count);
    try_all(others, sizeof(others) / sizeof(others[0]));
    atomic_store(&board->order, 3);
    errno = before;
}

/* ---- in the program --------------------------------------------------------------------------- */

__attribute__((constructor)) static void start(void)
{
    const char *name = getenv("LB_DISCOVERY_BREAK_OUT");
    char path[256];
    if (!name)
        return;
    snprintf(path, sizeof(path), "%s.%s", name, program_invocation_short_name);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *shared = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED)
        board = shared;
    if (fd >= 0)
        close(fd);
}

static void find_next(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(function, &symbol, sizeof(symbol));
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    static int (*next)(struct pollfd *, nfds_t, int);
    if (!next)
        find_next("poll", &next);
    obey();
    return next(fds, count, timeout_ms);
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout_ms)
{
    static int (*next)(int, struct epoll_event *, int, int);
    if (!next)
        find_next("epoll_wait", &next);
    obey();
    return next(fd, events, count, timeout_ms);
}

int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout_ms, const sigset_t *mask)
{
    static int (*next)(int, struct epoll_event *, int, int, const sigset_t *);
    if (!next)
        find_next("epoll_pwait", &next);
    obey();
    return next(fd, events, count, timeout_ms, mask);
}
