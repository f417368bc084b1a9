#include "lb/master/processes.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "lb/base/clock.h"

void processes_init(struct processes *processes)
{
    *processes = (struct processes){.last_number = 0};
}

static void clear(struct process *process)
{
    *process = (struct process){.role = PROCESS_NONE, .channel = -1, .gauges = -1};
    for (unsigned i = 0; i < CHANNEL_HELPER_COUNT; i++)
        process->plans[i] = -1;
}

struct process *processes_add(struct processes *processes, enum process_role role, pid_t pid)
{
    for (unsigned i = 0; i < PROCESSES_MAX; i++) {
        struct process *process = &processes->list[i];
        if (process->role != PROCESS_NONE)
            continue;
        clear(process);
        process->role = role;
        process->pid = pid;
        process->number = ++processes->last_number;
        process->started_ns = clock_mono_ns();
        return process;
    }
    return NULL;
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

void processes_remove(struct process *process)
{
    close_one(process->channel);
    close_one(process->gauges);
    for (unsigned i = 0; i < CHANNEL_HELPER_COUNT; i++)
        close_one(process->plans[i]);
    clear(process);
}

struct process *processes_of_pid(struct processes *processes, pid_t pid)
{
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        if (processes->list[i].role != PROCESS_NONE && processes->list[i].pid == pid)
            return &processes->list[i];
    return NULL;
}

struct process *processes_of_role(struct processes *processes, enum process_role role)
{
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        if (processes->list[i].role == role)
            return &processes->list[i];
    return NULL;
}

unsigned processes_count(const struct processes *processes, enum process_role role)
{
    unsigned count = 0;
    for (unsigned i = 0; i < PROCESSES_MAX; i++)
        count += processes->list[i].role == role;
    return count;
}

bool processes_is_proxy(const struct process *process)
{
    return process->role == PROCESS_SERVING || process->role == PROCESS_COMING ||
           process->role == PROCESS_LEAVING;
}

void processes_kill(const struct process *process, int number)
{
    if (process->pid <= 0)
        return;
    if (process->role == PROCESS_TRIAL) /* with what it has started */
        kill(-process->pid, number);
    kill(process->pid, number);
}
