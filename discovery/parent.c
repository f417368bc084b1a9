#include "discovery/parent.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "discovery/alive.h"
#include "discovery/obstacle.h"
#include "lb/base/clock.h"

static bool is_given(const char *parent)
{
    return parent && parent[0] != '\0';
}

void parent_tell_problem(const char *parent, const char *problem)
{
    struct obstacle obstacle = {0};
    struct alive alive = {.is_connected = false};
    struct text line = TEXT_INIT;
    if (!is_given(parent))
        return;
    obstacle_set(&obstacle, problem, "Correct it, and start lb again.", clock_wall_ns());
    alive_write(&alive, &obstacle, NULL, clock_wall_ns(), &line);
    fputs(text_str(&line), stdout);
    obstacle_fini(&obstacle);
    text_fini(&line);
}

void parent_follow(const char *parent)
{
    uint64_t pid;
    if (!is_given(parent))
        return;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    /* It may have ended before that call. */
    if (view_parse_u64(view_str(parent), INT32_MAX, &pid) && pid > 1 && getppid() != (pid_t)pid)
        exit(EXIT_SUCCESS);
}
