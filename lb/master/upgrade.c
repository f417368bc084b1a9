#include "lb/master/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/master/acme.h"
#include "lb/master/attendant.h"
#include "lb/master/discovery.h"
#include "lb/master/environment.h"
#include "lb/master/master_state.h"
#include "lb/master/reporter.h"
#include "lb/master/state.h"

#define WORD_BYTES 48

/* ---- the trial -------------------------------------------------------------------------------- */

/* Its channel is the state. */
int upgrade_start_trial(struct master *master, uint64_t due_ns)
{
    static char name[] = "lb", version[] = "--version", word[] = UPGRADE_TRIAL "=3";
    char *arguments[] = {name, version, NULL};
    struct program lb = {.fd = -1};
    struct program_start start = {
        .arguments = arguments, .bells = &master->bells, .is_quiet = true};
    memcpy(lb.path, master->own_path, sizeof(lb.path));
    int rc = program_open(&lb);
    if (rc < 0)
        return rc;
    size_t count =
        environment_of_master(master->environment, master->words_for_exec, master->words_room - 1);
    master->words_for_exec[count] = word;
    master->words_for_exec[count + 1] = NULL;
    start.environment = master->words_for_exec;
    start.channel = state_write(master);
    pid_t pid = start.channel < 0 ? start.channel : program_start(&lb, &start);
    program_close(&lb);
    if (start.channel >= 0)
        close(start.channel);
    if (pid < 0)
        return pid;
    struct process *process = processes_add(&master->processes, PROCESS_TRIAL, pid);
    if (process)
        process->due_ns = due_ns;
    return process ? 0 : -EAGAIN;
}

void upgrade_check_trial(void)
{
    if (!getenv(UPGRADE_TRIAL))
        return;
    unsetenv(UPGRADE_TRIAL);
    int rc = state_check(CHANNEL_FD);
    if (rc == 0)
        return;
    log_error(
        "this lb cannot take over from the one that runs: %s. Stop that one, and start this one.",
        strerror(-rc));
    exit(EXIT_FAILURE);
}

/* ---- exec ------------------------------------------------------------------------------------- */

static void keep_open(int fd, void *owner)
{
    (void)owner;
    fcntl(fd, F_SETFD, 0);
}

static void keep_closed(int fd, void *owner)
{
    (void)owner;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void become_next(struct master *master, int state, int self)
{
    static char words[2][WORD_BYTES];
    size_t count =
        environment_of_master(master->environment, master->words_for_exec, master->words_room - 2);
    snprintf(words[0], WORD_BYTES, "%s=%d", UPGRADE_STATE, state);
    snprintf(words[1], WORD_BYTES, "%s=%d", UPGRADE_BEFORE, self);
    master->words_for_exec[count] = words[0];
    master->words_for_exec[count + 1] = words[1];
    master->words_for_exec[count + 2] = NULL;
    keep_open(state, NULL);
    keep_open(self, NULL);
    state_each_fd(master, keep_open, NULL);
    execve(master->own_path, master->own_arguments, master->words_for_exec);
    log_error("%s cannot be started: %s; the lb that runs goes on with the new lb-proxy",
              master->own_path, strerror(errno));
    state_each_fd(master, keep_closed, NULL);
}

void upgrade_finish(struct master *master)
{
    master->is_next_due = false;
    if (master->is_ending) /* which the next one would not know */
        return;
    discovery_replace(master);
    attendant_replace(master, &acme_attendant);
    attendant_replace(master, &reporter_attendant);
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int state = state_write(master);
    if (state < 0 || self < 0)
        log_error("lb itself stays what it was: %s", strerror(state < 0 ? -state : errno));
    else
        become_next(master, state, self);
    if (state >= 0)
        close(state);
    if (self >= 0)
        close(self);
}

/* ---- the next one ----------------------------------------------------------------------------- */

static int number_in(const char *word)
{
    const char *text = getenv(word);
    return text ? (int)strtol(text, NULL, 10) : -1;
}

static void go_back(struct master *master, int before)
{
    static char none[] = UPGRADE_BEFORE "=-1";
    size_t room = environment_count(master->environment) + 1;
    char **words = memory_new((room + 1) * sizeof(char *));
    size_t count = 0;
    for (size_t i = 0; master->environment[i]; i++)
        if (strncmp(master->environment[i], UPGRADE_BEFORE, strlen(UPGRADE_BEFORE)) != 0)
            words[count++] = master->environment[i];
    words[count] = none;
    fcntl(before, F_SETFD, FD_CLOEXEC);
    fexecve(before, master->own_arguments, words);
    free(words);
}

int upgrade_resume(struct master *master)
{
    int state = number_in(UPGRADE_STATE), before = number_in(UPGRADE_BEFORE);
    if (state < 0)
        return 0;
    int rc = state_read(master, state);
    if (rc < 0) {
        log_error("this lb cannot read what the one before it left: %s", strerror(-rc));
        if (before >= 0)
            go_back(master, before);
        log_error("nothing serves any more; start lb again");
        exit(EXIT_FAILURE);
    }
    if (getenv(UPGRADE_BEFORE) && before < 0)
        log_warn("the new lb could not go on: the one before it does, with the new lb-proxy");
    unsetenv(UPGRADE_STATE);
    unsetenv(UPGRADE_BEFORE);
    close(state);
    if (before >= 0)
        close(before);
    return 1;
}
