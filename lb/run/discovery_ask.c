#include "lb/run/discovery_ask.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lb/base/clock.h"

#define TIMEOUT_MS 5000
#define SAID_MAX   65536u

/* Its standard error goes to `fd`. Fails: false. */
static bool start(const char *program, char *const argv[], int fd, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fd, STDERR_FILENO);
    int error = posix_spawnp(pid, program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0;
}

/* False: there was no end of it in time. */
static bool read_all(int fd, struct text *said)
{
    uint64_t until_ms = clock_mono_ns() / 1000000 + TIMEOUT_MS, now_ms;
    char piece[1024];
    while (said->len < SAID_MAX && (now_ms = clock_mono_ns() / 1000000) < until_ms) {
        struct pollfd look = {.fd = fd, .events = POLLIN};
        if (poll(&look, 1, (int)(until_ms - now_ms)) <= 0)
            continue;
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got <= 0)
            return true;
        text_append(said, view_of(piece, (size_t)got));
    }
    return false;
}

int discovery_ask(const char *program, char *const argv[], struct text *said)
{
    int ends[2], status = 0;
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    bool is_started = start(program, argv, ends[1], &pid);
    close(ends[1]);
    bool is_over = is_started && read_all(ends[0], said);
    close(ends[0]);
    if (is_started && !is_over)
        kill(pid, SIGKILL);
    if (is_started)
        waitpid(pid, &status, 0);
    return is_over && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
