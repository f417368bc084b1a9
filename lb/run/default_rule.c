#include "lb/run/default_rule.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/follow/discovery.h"

#define VARIABLE     "LB_TRAEFIK_DEFAULT_RULE"
#define TIMEOUT_MS   5000
#define SAID_MAX     8192u
#define EXIT_REFUSED 2

/* Its standard error goes to `fd`. Fails: false. */
static bool start(const char *program, int fd, pid_t *pid)
{
    char name[] = "lb-discovery", word[] = "--version";
    char *argv[] = {name, word, NULL};
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

/* Gives its exit status; -1: there is none. */
static int ask(const char *program, struct text *said)
{
    int ends[2], status = 0;
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    bool is_started = start(program, ends[1], &pid);
    close(ends[1]);
    bool is_over = is_started && read_all(ends[0], said);
    close(ends[0]);
    if (is_started && !is_over)
        kill(pid, SIGKILL);
    if (is_started)
        waitpid(pid, &status, 0);
    return is_over && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* "lb-discovery: LB_TRAEFIK_DEFAULT_RULE: "x" cannot be used: why; what is accepted" */
static bool append_refusal(struct view said, struct text *problem)
{
    struct view line = view_cut(&said, '\n');
    if (!view_starts_with(line, VIEW("lb-discovery: " VARIABLE)))
        return false;
    text_append_str(problem, "--traefik-default-rule");
    text_append(problem, view_skip(line, sizeof("lb-discovery: " VARIABLE) - 1));
    return true;
}

bool default_rule_check(const struct config *config, struct text *problem)
{
    char program[CHILD_PATH_BYTES];
    struct text said = TEXT_INIT;
    if (!config->default_rule)
        return true;
    setenv(VARIABLE, config->default_rule, 1); /* as lb-discovery is going to get it */
    discovery_find_program(config, program);
    bool is_refused =
        ask(program, &said) == EXIT_REFUSED && append_refusal(text_view(&said), problem);
    text_fini(&said);
    return !is_refused;
}
